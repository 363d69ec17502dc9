/** Settings of OpenTelemetry traces. */
import { group, optional } from './setting.js';
import { decimal, text, url } from './values.js';

const traces = group('Operations');

export const TRACE_SETTINGS = {
  otlpUrl: optional('Operations')(
    'SLUICE_OTLP_URL',
    url('http://', 'https://'),
    'Where OpenTelemetry traces are sent (OTLP over HTTP), as `http://collector:4318/v1/traces`. Without it there are none.',
  ),
  otlpToken: optional('Operations', true)('SLUICE_OTLP_TOKEN', text, 'Bearer token for that endpoint.'),
  traceRatio: traces(
    'SLUICE_TRACE_RATIO',
    decimal(0, 1),
    '1',
    'Share of the statements that are traced; one that comes with a traceparent goes by what that says.',
  ),
};

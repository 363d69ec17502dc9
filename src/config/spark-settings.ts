/** Settings of the Spark engine, and of the cluster on this machine that `npm run spark` starts. */
import { group, optional } from './setting.js';
import { boolean, bytes, count, duration, port, url } from './values.js';

const MINUTE_MS = 60_000;
const MEBIBYTE = 2 ** 20;

const engine = group('Spark');
const local = group('Spark on this machine');

export const SPARK_SETTINGS = {
  sparkUrl: optional('Spark', true)(
    'SLUICE_SPARK_URL',
    url('sc://'),
    'Spark Connect server to run plans on: `sc://host:port/;token=...;use_ssl=true`. Without it: the cluster that `npm run spark` started, if there is one.',
  ),
  sparkUiUrl: optional('Spark')(
    'SLUICE_SPARK_UI_URL',
    url('http://', 'https://'),
    'Web page of the Spark driver, to show executors and stages of the server in SLUICE_SPARK_URL.',
  ),
  sparkMasterUiUrl: optional('Spark')(
    'SLUICE_SPARK_MASTER_UI_URL',
    url('http://', 'https://'),
    'Web page of the master of a standalone cluster, to show its workers.',
  ),
  sparkRunningMax: engine(
    'SLUICE_SPARK_RUNNING_MAX',
    count(1, 10_000),
    '16',
    'Statements that run on Spark at the same time, those of the Spark Connect door included.',
  ),
  sparkAdaptive: engine(
    'SLUICE_SPARK_ADAPTIVE',
    boolean,
    'true',
    'Adaptive execution: Spark corrects joins and partitions while a statement runs.',
  ),
  sparkShufflePartitions: engine(
    'SLUICE_SPARK_SHUFFLE_PARTITIONS',
    count(1, 100_000),
    '200',
    'Partitions of a shuffle, before adaptive execution joins small ones.',
  ),
  sparkCodeUrl: optional('Spark', true)(
    'SLUICE_SPARK_CODE_URL',
    url('sc://'),
    'A second Spark Connect server, for Python functions of callers, in the same form. Setting it says that it is isolated: no lake, no credentials, no network. docs/how-to/code.md.',
  ),
  codeBytesMax: engine(
    'SLUICE_CODE_BYTES_MAX',
    bytes(1),
    '64MiB',
    'Rows that one plan hands to the server for code, as Arrow.',
  ),
  sparkPort: local('SLUICE_SPARK_PORT', port, '15003', 'Spark Connect. 0: any free port.'),
  sparkWorkers: local('SLUICE_SPARK_WORKERS', count(1, 64), '2', 'Workers.'),
  sparkWorkerCores: local('SLUICE_SPARK_WORKER_CORES', count(1, 256), '1', 'Cores of each worker.'),
  sparkWorkerMemory: local(
    'SLUICE_SPARK_WORKER_MEMORY',
    bytes(512 * MEBIBYTE),
    '1GiB',
    'Memory of each worker, all of it for one executor.',
  ),
  sparkDriverMemory: local(
    'SLUICE_SPARK_DRIVER_MEMORY',
    bytes(512 * MEBIBYTE),
    '1GiB',
    'Memory of the Connect server, which plans and collects.',
  ),
  sparkDynamicAllocation: local(
    'SLUICE_SPARK_DYNAMIC_ALLOCATION',
    boolean,
    'true',
    'Executors come when there is work, and go when there is none for a minute.',
  ),
  sparkSpeculation: local(
    'SLUICE_SPARK_SPECULATION',
    boolean,
    'false',
    'Start a slow task a second time elsewhere and take what ends first.',
  ),
  sparkLocalityWaitMs: local(
    'SLUICE_SPARK_LOCALITY_WAIT',
    duration(0, MINUTE_MS),
    '3s',
    'Wait for a free core near the data before one further away is taken.',
  ),
} as const;

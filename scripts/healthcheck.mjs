/** Exit code 0 when the gateway on this machine is ready: for containers, whose image has no curl. */
const port = process.env.SLUICE_ADMIN_PORT || '8081';
try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_500) });
  process.exitCode = answer.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}

import { spawn } from 'node:child_process';

/** Settings that an outer `npm test -w x` or `npm ci --omit=optional` would leak into ours. */
const leaking =
  /^npm_(package|lifecycle|command|node_execpath)|^npm_config_(workspaces?|include_workspace_root|prefix|local_prefix|global|omit|include|only|production|dry_run|package_lock|package_lock_only|save.*|engine_strict|ignore_scripts|install_strategy|offline)$/i;

/** Runs npm in another folder, possibly from inside an npm script. */
export function runNpm(args: readonly string[], cwd: string): Promise<void> {
  const cli = process.env.npm_execpath;
  const [command, prefix] =
    cli && /npm-cli\.js$/.test(cli) ? [process.execPath, [cli]] : ['npm', [] as string[]];
  const child = spawn(command, [...prefix, ...args], {
    cwd,
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: command === 'npm' && process.platform === 'win32',
    timeout: 15 * 60_000,
  });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors = (errors + data).slice(-3000);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`npm ${args.join(' ')} failed (${code ?? signal})\n${errors}`));
    });
  });
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !leaking.test(name) && name !== 'NODE_ENV' && name !== 'NODE_OPTIONS',
  );
  return Object.fromEntries(kept);
}

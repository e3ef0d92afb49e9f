import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hasDisplay } from './desktop';
import { startGroup } from './processGroup';
import { quietSettings } from './settings';
import type { ExtensionTests, TestResult } from './testProtocol';
import { TestReport } from './testReport';

/** Runs tests in the extension host of a desktop VS Code, in a profile of its own. */
export async function runDesktopTests(executable: string, tests: ExtensionTests): Promise<TestResult> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'nabla-'));
  const data = path.join(scratch, 'data');
  fs.mkdirSync(path.join(data, 'User'), { recursive: true });
  fs.writeFileSync(path.join(data, 'User', 'settings.json'), JSON.stringify(quietSettings));
  const args = [
    tests.folder,
    ...[`--user-data-dir=${data}`, `--extensions-dir=${path.join(scratch, 'extensions')}`],
    ...['--no-sandbox', '--disable-gpu-sandbox', '--disable-updates', '--disable-workspace-trust'],
    ...['--skip-welcome', '--skip-release-notes'],
    ...[`--extensionDevelopmentPath=${tests.extension}`, `--extensionTestsPath=${tests.module}`],
  ];
  const [command, prefix] = hasDisplay() ? [executable, []] : ['xvfb-run', ['-a', executable]];
  const report = new TestReport(scratch);
  const environment = { ...process.env, ...report.variables };
  const group = startGroup(command, [...prefix, ...args], environment, scratch);
  const stopPrinting = report.follow(tests.print);
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = () => reject(new Error(`the tests did not end within ${tests.timeout / 1000} s`));
      setTimeout(limit, tests.timeout).unref();
      group.leader.on('error', reject);
      group.leader.on('exit', () => resolve());
    });
    return report.read();
  } finally {
    stopPrinting();
    group.stop();
  }
}

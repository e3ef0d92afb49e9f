import { launchBrowser, openPage } from './browser';
import { type Server, startServer } from './server';
import type { ExtensionTests, TestResult } from './testProtocol';
import { TestReport } from './testReport';
import { installVSCode, type VSCodeUnit } from './vscode';
import { openWorkbench, workbenchUrl } from './workbench';

/** Runs tests in the extension host of a VS Code from npm. */
export async function runNpmTests(unit: VSCodeUnit, tests: ExtensionTests): Promise<TestResult> {
  const vscode = await installVSCode(unit);
  const server = await startServer(vscode, {
    testDriver: true,
    variables: scratch => new TestReport(scratch).variables,
  });
  const report = new TestReport(server.scratch);
  const stopPrinting = report.follow(tests.print);
  try {
    await untilTestsEnd(server, tests);
    return report.read();
  } finally {
    stopPrinting();
    server.stop();
  }
}

async function untilTestsEnd(server: Server, tests: ExtensionTests): Promise<void> {
  const browser = await launchBrowser();
  try {
    const page = await openPage(browser);
    const end = new Promise<void>((resolve, reject) => {
      const limit = () => reject(new Error(`the tests did not end within ${tests.timeout / 1000} s`));
      setTimeout(limit, tests.timeout).unref();
      browser.on('disconnected', () => reject(new Error('the browser ended')));
      page.on('crash', () => reject(new Error('the page crashed')));
      server.process.on('exit', code => reject(new Error(`the VS Code server ended (${code})`)));
      // the workbench calls these two when its address names tests
      page.exposeFunction('codeAutomationExit', () => resolve()).catch(reject);
      page.exposeFunction('codeAutomationLog', () => {}).catch(reject);
    });
    const development = { extension: tests.extension, tests: tests.module };
    const open = openWorkbench(page, workbenchUrl(server, { folder: tests.folder, development }));
    await Promise.all([end, open]);
  } finally {
    await browser.close();
  }
}

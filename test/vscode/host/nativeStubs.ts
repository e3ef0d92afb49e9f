import fs from 'node:fs';
import path from 'node:path';

/**
 * Stand-ins for native modules that the server loads but can do without, so that nothing has to be
 * compiled. Each keeps to the part of the interface that VS Code calls.
 */
const stubs: Record<string, string> = {
  '@vscode/spdlog': `
const fs = require('node:fs');
class Logger {
  constructor(name, file) { this.file = file; this.level = 2; }
  write(level, message) {
    if (level < this.level) return;
    // The form that the Output view parses; it shows nothing else.
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const label = ['trace', 'debug', 'info', 'warning', 'error', 'critical'][level];
    try { fs.appendFileSync(this.file, time + ' [' + label + '] ' + message + '\\n'); } catch {}
  }
  trace(m) { this.write(0, m); }
  debug(m) { this.write(1, m); }
  info(m) { this.write(2, m); }
  warn(m) { this.write(3, m); }
  error(m) { this.write(4, m); }
  critical(m) { this.write(5, m); }
  setLevel(level) { this.level = level; }
  getLevel() { return this.level; }
  clearFormatters() {}
  setPattern() {}
  flush() {}
  drop() {}
}
exports.Logger = Logger;
exports.version = 0;
exports.setLevel = exports.setFlushOn = exports.shutdown = () => {};
exports.createRotatingLogger = exports.createAsyncRotatingLogger = async (name, file) => new Logger(name, file);
`,
  '@vscode/fs-copyfile': `
const fs = require('node:fs');
exports.cp = fs.promises.cp;
exports.copyFile = fs.promises.copyFile;
exports.copyFileSync = fs.copyFileSync;
exports.isCloneSupported = () => false;
exports.constants = fs.constants;
`,
  '@vscode/deviceid': `exports.getDeviceId = async () => '00000000-0000-4000-8000-000000000000';\n`,
  '@vscode/native-watchdog': 'exports.start = () => {};\n',
  'native-watchdog': 'exports.start = () => {};\n',
};

export function writeNativeStubs(nodeModules: string): void {
  for (const [name, code] of Object.entries(stubs)) {
    const folder = path.join(nodeModules, name);
    if (fs.existsSync(folder)) continue;
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ name, version: '0.0.0', main: 'index.js' }),
    );
    fs.writeFileSync(path.join(folder, 'index.js'), code.trimStart());
  }
}

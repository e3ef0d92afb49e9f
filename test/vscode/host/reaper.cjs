// Ends a process group and removes its folder as soon as stdin closes, that is, when the process that
// started this one is gone, however it went.  node reaper.cjs PID FOLDER
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

const [pid, folder] = process.argv.slice(2);
process.stdin.resume();
process.stdin.on('end', () => {
  try {
    if (process.platform === 'win32') spawnSync('taskkill', ['/pid', pid, '/T', '/F']);
    else process.kill(-Number(pid), 'SIGKILL');
  } catch {
    // it has ended by itself
  }
  setTimeout(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }), 300);
});

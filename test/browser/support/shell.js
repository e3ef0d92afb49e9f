// What VS Code puts around a webview's content: theme, state and the one channel to the extension.
// Plain JavaScript, because it runs in the page as it stands.
(() => {
  const setup = JSON.parse(document.getElementById('shell-setup').textContent);
  const posted = [];
  let state = setup.state;
  let acquired = false;

  function applyTheme({ kind, variables }) {
    const style = document.documentElement.style;
    for (const name of [...style]) style.removeProperty(name);
    for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
    const apply = () => {
      document.body.classList.remove(
        'vscode-dark',
        'vscode-light',
        'vscode-high-contrast',
        'vscode-high-contrast-light',
      );
      document.body.classList.add(kind);
      if (kind === 'vscode-high-contrast-light') document.body.classList.add('vscode-high-contrast');
      document.body.dataset.vscodeThemeKind = kind;
    };
    if (document.body) apply();
    else
      new MutationObserver((_, observer) => {
        if (!document.body) return;
        observer.disconnect();
        apply();
      }).observe(document.documentElement, { childList: true });
  }

  globalThis.acquireVsCodeApi = () => {
    if (acquired) throw new Error('An instance of the VS Code API has already been acquired');
    acquired = true;
    return Object.freeze({
      postMessage(message) {
        const copy = structuredClone(message);
        posted.push(copy);
        globalThis.shellAnswer?.(copy);
      },
      setState(value) {
        state = JSON.parse(JSON.stringify(value));
        return value;
      },
      getState: () => state,
    });
  };

  globalThis.shell = {
    applyTheme,
    posted: () => posted,
    state: () => state,
    // resolves when the webview has handled it: its listener stands before this one
    deliver: message =>
      new Promise(resolve => {
        addEventListener('message', () => resolve(), { once: true });
        postMessage(message, '*');
      }),
  };
  applyTheme(setup.theme);
})();

/**
 * Two libraries try something when they load that fails in this page. What they find here makes them work without
 * loosening the page's content policy; `afterLibraries` takes the second one back.
 */

// uPlot formats numbers in the browser's language; under the POSIX locale of a bare container that is `en-US@posix`,
// which is no language at all
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}

// the toolkit asks an inline style element, which the policy forbids, whether `:focus-visible` is known
const create = document.createElement.bind(document);
document.createElement = (name: string, options?: ElementCreationOptions): HTMLElement =>
  name === 'style'
    ? Object.defineProperty(create('template'), 'sheet', { value: new CSSStyleSheet() })
    : create(name, options);

export {};

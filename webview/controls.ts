import './beforeLibraries';
import {
  type Button,
  type Checkbox,
  provideVSCodeDesignSystem,
  type TextField,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import './afterLibraries';
import { icon } from './dom';

/**
 * Buttons and fields in the editor's look. The toolkit is no longer developed, so this file is the only one that knows
 * it: the rest of the page would not notice another one.
 */
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeTextField());

export interface ButtonOptions {
  readonly label: string;
  readonly press: () => void;
  /** With a drawing the label becomes the tooltip, unless `text` asks for both. */
  readonly icon?: string;
  readonly text?: boolean;
  readonly primary?: boolean;
}

export function button({ label, press, icon: path, text, primary }: ButtonOptions): HTMLElement {
  const made = document.createElement('vscode-button') as Button;
  made.appearance = primary ? 'primary' : path && !text ? 'icon' : 'secondary';
  made.setAttribute('aria-label', label);
  made.title = label;
  if (path) {
    const drawing = icon(path);
    if (text) drawing.setAttribute('slot', 'start');
    made.append(drawing);
  }
  if (!path || text) made.append(label);
  made.addEventListener('click', press);
  return made;
}

export interface CheckboxOptions {
  readonly label: string;
  readonly checked: boolean;
  readonly change: (checked: boolean) => void;
}

export function checkbox({ label, checked, change }: CheckboxOptions): HTMLElement {
  const made = document.createElement('vscode-checkbox') as Checkbox;
  made.checked = checked;
  made.append(label);
  made.addEventListener('change', () => {
    if (made.checked !== checked) change(made.checked);
  });
  return made;
}

export interface NumberFieldOptions {
  readonly label: string;
  /** A positive number has been entered. */
  readonly enter: (value: number) => void;
}

export interface NumberField {
  readonly root: HTMLElement;
  /** Does not disturb what is being typed. */
  set(value: number): void;
}

export function numberField({ label, enter }: NumberFieldOptions): NumberField {
  const field = document.createElement('vscode-text-field') as TextField;
  field.setAttribute('aria-label', label);
  field.title = label;
  field.size = 8;
  let current = Number.NaN;
  const submit = () => {
    const value = Number(field.value.replace('\u2212', '-').replace(',', '.'));
    const valid = field.value.trim() !== '' && Number.isFinite(value) && value > 0;
    field.classList.toggle('invalid', !valid);
    field.setAttribute('aria-invalid', String(!valid));
    if (!valid || value === current) return;
    current = value;
    enter(value);
  };
  field.addEventListener('change', submit);
  field.addEventListener('keydown', event => {
    if (event.key === 'Enter') submit();
    if (event.key !== 'Escape') return;
    field.value = String(current);
    submit();
  });
  return {
    root: field,
    set(value) {
      if (document.activeElement === field || value === current) return;
      current = value;
      field.value = String(value);
      field.classList.remove('invalid');
    },
  };
}

/** Drawings of the buttons, on a 16 x 16 grid. */
export const icons = {
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  step: 'M3 2.5v11l7-5.5zM11 3h2v10h-2z',
  epoch: 'M1 2.5v11l6-5.5zM7 2.5v11l6-5.5zM13.2 3H15v10h-1.8z',
  stop: 'M3.5 3.5h9v9h-9z',
  reset: 'M8 3a5 5 0 1 1-4.6 3.05l1.3.55A3.6 3.6 0 1 0 8 4.4V7L4.2 3.7 8 .4z',
  aside: 'M1.5 2.5h13v11h-13zM3 4v8h4.2V4zm5.6 0v8H13V4z',
  plus: 'M7.3 3h1.4v4.3H13v1.4H8.7V13H7.3V8.7H3V7.3h4.3z',
  minus: 'M3 7.3h10v1.4H3z',
  fit: 'M2 2h4.5v1.4H3.4v3.1H2zM9.5 2H14v4.5h-1.4V3.4H9.5zM2 9.5h1.4v3.1h3.1V14H2zM12.6 9.5H14V14H9.5v-1.4h3.1z',
  copy: 'M5 2h8v9h-2v3H3V5h2zm1.3 3H11v4.7h.7V3.3H6.3zM4.3 6.3v6.4h5.4V6.3z',
} as const;

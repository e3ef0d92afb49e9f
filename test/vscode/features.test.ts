import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { analysed, openModel, positionOf, until, write } from './support/models';

const neuron = `# Squared product of two numbers.
w = 2
x = -1
loss = (w * x) ** 2

check grad(loss, w) ~= 2 * w * x ** 2

train loss {
  steps = 10
}
`;

const messages = (uri: vscode.Uri) => vscode.languages.getDiagnostics(uri).map(({ message }) => message);

async function hoverText(document: vscode.TextDocument, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    position,
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map(content => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

describe('diagnostics', () => {
  it('appear at an edit and go with the next', async () => {
    const document = await openModel('diagnostics.nabla', 'w = 2\nloss = w ** 2\n');
    await analysed(document);
    await write(document, 'w = 2\nloss = v ** 2\n');
    const [message] = await until('the unknown name is reported', () => {
      const found = messages(document.uri);
      return found.length > 0 && found;
    });
    assert.match(message!, /v/);
    await write(document, 'w = 2\nloss = w ** 2\n');
    await until('no diagnostics', () => messages(document.uri).length === 0);
  });

  it('of the engine are merged with those of the text', async () => {
    const document = await openModel('shapes.nabla', 'a = [1, 2, 3]\nb = [1, 2]\nloss = sum(a + b)\n');
    await analysed(document);
    const found = await until('the mismatch is reported', () =>
      vscode.languages.getDiagnostics(document.uri).find(({ code }) => code === 'shape-mismatch'),
    );
    assert.equal(found.range.start.line, 2);
    assert.equal(found.source, 'nabla');
  });

  it('bring their fixes', async () => {
    const document = await openModel('fixes.nabla', 'weight = 2\nloss = wieght ** 2\n');
    await analysed(document);
    await until('the misspelling is reported', () => messages(document.uri).length > 0);
    const range = new vscode.Range(positionOf(document, 'wieght'), positionOf(document, 'wieght', 6));
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      range,
    );
    const fix = actions.find(action => action.edit);
    assert.ok(fix?.edit, actions.map(({ title }) => title).join(', '));
    await vscode.workspace.applyEdit(fix.edit);
    await until('no diagnostics', () => messages(document.uri).length === 0);
    assert.match(document.getText(), /loss = weight/);
  });
});

describe('what the editor shows', () => {
  let document: vscode.TextDocument;

  before(async () => {
    document = await openModel('neuron.nabla', neuron);
    await analysed(document);
  });

  it('hovers value, gradient and documentation', async () => {
    const text = await hoverText(document, positionOf(document, 'w = 2'));
    assert.match(text, /w = 2/);
    assert.match(text, /Squared product of two numbers/);
    assert.match(text, /value `2`/);
    assert.match(text, /∂loss `4`/, 'd (w x)² / dw = 2 w x² = 4');
    assert.match(text, /\[Explain\]\(command:nabla\.explainGradient/);
    assert.ok(text.split('\n').length <= 20);
  });

  it('hovers the same at a use of the name', async () => {
    assert.match(await hoverText(document, positionOf(document, 'w * x')), /∂loss `4`/);
  });

  it('hovers whether a check holds', async () => {
    assert.match(await hoverText(document, positionOf(document, 'check')), /✓/);
  });

  it('hovers what a function does', async () => {
    const text = await hoverText(document, positionOf(document, 'grad('));
    assert.match(text, /grad\(/);
  });

  it('outlines the model', async () => {
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    const names = symbols.map(({ name }) => name);
    for (const name of ['w', 'x', 'loss']) assert.ok(names.includes(name), names.join(', '));
  });

  it('has a lens above train', async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    assert.equal(lenses[0]?.range.start.line, positionOf(document, 'train loss').line);
    assert.match(lenses[0]?.command?.title ?? '', /Train Model/);
  });

  it('hints shapes', async () => {
    const all = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
      'vscode.executeInlayHintProvider',
      document.uri,
      all,
    );
    const loss = hints.find(({ position }) => position.line === positionOf(document, 'loss = ').line);
    assert.equal(loss?.label, ': []');
    assert.equal(loss.position.character, 'loss = (w * x) ** 2'.length);
  });

  it('goes to the definition', async () => {
    const found = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
      'vscode.executeDefinitionProvider',
      document.uri,
      positionOf(document, 'w * x'),
    );
    const [first] = found;
    const range = first && ('range' in first ? first.range : first.targetRange);
    assert.equal(range?.start.line, positionOf(document, 'w = 2').line);
  });

  it('completes names and functions', async () => {
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      positionOf(document, '(w * x)', 1),
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    for (const name of ['w', 'x', 'sigmoid']) assert.ok(labels.includes(name), name);
  });
});

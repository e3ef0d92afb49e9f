/** Gives back what `beforeLibraries` borrowed. */
Reflect.deleteProperty(document, 'createElement');

export {};

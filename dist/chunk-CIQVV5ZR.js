import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
var HeapgateError=class extends Error{hint;constructor(message,options={}){super(message,options.cause===void 0?{}:{cause:options.cause}),this.name=new.target.name,this.hint=options.hint}},UsageError=class extends HeapgateError{mistakes;constructor(mistakes,hint){super(mistakes.join(`
`),hint===void 0?{}:{hint}),this.mistakes=mistakes}};function messageOf(thrown){return thrown instanceof Error?thrown.message:String(thrown)}export{HeapgateError,UsageError,messageOf};

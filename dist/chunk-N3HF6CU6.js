import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
function optionHelp(table){return Object.entries(table).map(([name,option])=>{let flag=`  --${name} ${option.placeholder}`,gap=flag.length<32?" ".repeat(32-flag.length):`
${" ".repeat(32)}`;return`${flag}${gap}${option.summary.replaceAll("`","")}${defaultText(option)}`}).join(`
`)}function flagsOf(table){return Object.fromEntries(Object.entries(table).map(([name,{multiline}])=>[name,{kind:"value",repeatable:multiline===!0}]))}function defaultText(option){if(option.required===!0)return" (required)";let text=option.defaultNote?.replaceAll("`","")??option.default;return text===void 0?"":` (default: ${text})`}export{optionHelp,flagsOf};

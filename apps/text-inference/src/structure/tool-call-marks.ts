/** What Qwen and Hermes models write around a call: `<tool_call>{"name": "…", "arguments": {…}}</tool_call>`. */
export const CALL_BEGIN = '<tool_call>';
export const CALL_END = '</tool_call>';

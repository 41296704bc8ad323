import { DomainError } from '@trivium/contracts';

/** Where the names stand in the caller's request. */
export interface ToolPaths {
  readonly name: (index: number) => string;
  readonly choice: string;
}

/** Refuses names that are given twice, and a choice of what is not there. */
export function checkTools(
  names: readonly string[],
  choice: 'none' | 'auto' | 'required' | { readonly name: string } | null | undefined,
  paths: ToolPaths,
): void {
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice !== -1) {
    const param = paths.name(twice);
    throw new DomainError('invalid_request', `'${param}': another tool has this name.`, { param });
  }
  if (choice === 'required' && names.length === 0) {
    throw new DomainError('invalid_request', "'tool_choice' requires a call, but there are no 'tools'.", {
      param: 'tool_choice',
    });
  }
  if (typeof choice === 'object' && choice !== null && !names.includes(choice.name)) {
    throw new DomainError('invalid_request', `'${paths.choice}' names a tool that is not among 'tools'.`, {
      param: paths.choice,
    });
  }
}

/** What the server says of itself; the extensions have the names that clients look for. */
export const SERVER = {
  name: 'trivium',
  version: '0.1.0',
  extensions: [
    'binary_tensor_data',
    'model_configuration',
    'model_repository',
    'statistics',
    'schedule_policy',
  ],
} as const;

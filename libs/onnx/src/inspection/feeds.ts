import type { Datatype, Tensor } from '@trivium/contracts/tensor';
import { Tensor as OnnxTensor } from 'onnxruntime-node';

type Typed = OnnxTensor.DataTypeMap[OnnxTensor.Type];

const READERS: Readonly<
  Record<Datatype, readonly [OnnxTensor.Type, (buffer: ArrayBuffer) => Typed] | undefined>
> = {
  FP32: ['float32', (buffer) => new Float32Array(buffer)],
  FP64: ['float64', (buffer) => new Float64Array(buffer)],
  FP16: ['float16', (buffer) => new Uint16Array(buffer)],
  INT8: ['int8', (buffer) => new Int8Array(buffer)],
  INT16: ['int16', (buffer) => new Int16Array(buffer)],
  INT32: ['int32', (buffer) => new Int32Array(buffer)],
  INT64: ['int64', (buffer) => new BigInt64Array(buffer)],
  UINT8: ['uint8', (buffer) => new Uint8Array(buffer)],
  UINT16: ['uint16', (buffer) => new Uint16Array(buffer)],
  UINT32: ['uint32', (buffer) => new Uint32Array(buffer)],
  UINT64: ['uint64', (buffer) => new BigUint64Array(buffer)],
  BOOL: ['bool', (buffer) => new Uint8Array(buffer)],
  BYTES: ['string', stringsIn],
  BF16: undefined,
};

/** Inputs as ONNX Runtime takes them. */
export function feedsOf(tensors: readonly Tensor[]): Record<string, OnnxTensor> {
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, feedOf(tensor)]));
}

function feedOf({ name, datatype, shape, data }: Tensor): OnnxTensor {
  const reader = READERS[datatype];
  if (reader === undefined)
    throw new TypeError(`Input ${name}: ${datatype} cannot be passed to ONNX Runtime`);
  const [type, read] = reader;
  const values = read(Uint8Array.from(data).buffer); // copied, because views must be aligned
  const tensor = new OnnxTensor(type, values as never, [...shape]);
  // It makes a Float16Array of them, which the binding of 1.30 cannot read.
  if (datatype === 'FP16') Object.defineProperty(tensor, 'data', { value: values });
  return tensor;
}

function stringsIn(buffer: ArrayBuffer): string[] {
  const bytes = Buffer.from(buffer);
  const strings: string[] = [];
  for (let place = 0; place < bytes.length;) {
    const end = place + 4 + bytes.readUInt32LE(place);
    strings.push(bytes.toString('utf8', place + 4, end));
    place = end;
  }
  return strings;
}

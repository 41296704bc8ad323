// Stands where apps/session stands. Every line breaks a boundary and must be reported.
import '@trivium/onnx';
import '@trivium/gateway';
import '@nats-io/transport-node';
import 'onnxruntime-node';

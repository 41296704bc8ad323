// Stands where apps/router stands. Every line breaks a boundary and must be reported.
import '@trivium/session';
import '@trivium/onnx';
import 'onnxruntime-node';
import 'typeorm';
import 'pg';
import '@nats-io/transport-node';

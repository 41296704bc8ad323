// Stands where libs/serving stands. Every line breaks a boundary and must be reported.
import '@trivium/onnx';
import 'onnxruntime-node';
import '@nats-io/transport-node';
import '@nestjs/common';

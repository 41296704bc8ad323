// Stands where libs/contracts stands. Every line breaks a boundary and must be reported.
import '@trivium/messaging';
import '@nestjs/common';
import 'pino';

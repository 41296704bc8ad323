/** Bytes that the client gets as an attachment, whatever they are. */
export class FileDownload {
  constructor(
    readonly bytes: Uint8Array,
    readonly filename: string,
    readonly mediaType: string,
  ) {}
}

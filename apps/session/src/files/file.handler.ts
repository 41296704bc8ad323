import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { deleteFile, getFile, listFiles, putFile, readFile } from '@trivium/contracts/session';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { tenantOf } from '../database/tenant.js';
import { DeleteFile } from './delete-file.js';
import { GetFile } from './get-file.js';
import { ListFiles } from './list-files.js';
import { PutFile } from './put-file.js';
import { ReadFile } from './read-file.js';

/** Each of these holds a whole file in memory. */
const WHOLE_FILES = { concurrency: 4, queue: 32 };

@Controller()
export class FileHandler {
  constructor(
    @Inject(PutFile) private readonly upload: PutFile,
    @Inject(GetFile) private readonly lookup: GetFile,
    @Inject(ReadFile) private readonly download: ReadFile,
    @Inject(ListFiles) private readonly listing: ListFiles,
    @Inject(DeleteFile) private readonly deletion: DeleteFile,
  ) {}

  @AnswersCall(putFile, WHOLE_FILES)
  put(request: ParsedRequestOf<typeof putFile>, context: CallContext): Promise<ReplyOf<typeof putFile>> {
    return this.upload.execute(request, context);
  }

  @AnswersCall(getFile)
  get(request: ParsedRequestOf<typeof getFile>, context: CallContext): Promise<ReplyOf<typeof getFile>> {
    return this.lookup.execute(request, tenantOf(context));
  }

  @AnswersCall(readFile, WHOLE_FILES)
  read(request: ParsedRequestOf<typeof readFile>, context: CallContext): Promise<ReplyOf<typeof readFile>> {
    return this.download.execute(request, context);
  }

  @AnswersCall(listFiles)
  list(request: ParsedRequestOf<typeof listFiles>, context: CallContext): Promise<ReplyOf<typeof listFiles>> {
    return this.listing.execute(request, tenantOf(context));
  }

  @AnswersCall(deleteFile)
  delete(
    request: ParsedRequestOf<typeof deleteFile>,
    context: CallContext,
  ): Promise<ReplyOf<typeof deleteFile>> {
    return this.deletion.execute(request, tenantOf(context));
  }
}

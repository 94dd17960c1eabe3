package headwater.lake.backfill;

import headwater.lake.parquet.DataFile;
import java.io.Serializable;

/** What a reader wrote of one page range. */
record LoadFile(PageRange range, DataFile file, long rows) implements Serializable {}

package headwater.lake.raw;

import headwater.lake.parquet.DataFile;
import java.io.Serializable;

/** What a reader wrote of one page range. */
public record LoadFile(PageRange range, DataFile file, long rows) implements Serializable {}

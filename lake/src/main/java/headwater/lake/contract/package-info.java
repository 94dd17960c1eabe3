/** What the lake promises to every process that reads or writes it: names, positions and table shapes. JDK only. */
package headwater.lake.contract;

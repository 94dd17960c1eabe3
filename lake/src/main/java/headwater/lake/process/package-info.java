/** What every Headwater process does alike: failures, retries, shutdown, progress, secrets. */
package headwater.lake.process;

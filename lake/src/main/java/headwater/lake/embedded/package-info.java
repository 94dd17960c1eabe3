/**
 * Real PostgreSQL, MySQL and S3 servers on this machine, from Maven artifacts, for the demo and the tests. They listen on
 * loopback, on free ports, with random passwords, and keep all their data below one folder.
 */
@NullMarked
package headwater.lake.embedded;

import org.jspecify.annotations.NullMarked;

/** Synthetic CMS data and change traffic for the Medicare Part D source. */
package headwater.capture.generate;

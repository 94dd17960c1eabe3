/** From raw changes and loads to cleansed and rejected rows. */
package headwater.lake.cleanse;

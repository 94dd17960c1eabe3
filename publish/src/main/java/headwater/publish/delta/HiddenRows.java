package headwater.publish.delta;

import io.delta.kernel.engine.Engine;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.internal.deletionvectors.DeletionVectorUtils;
import io.delta.kernel.internal.deletionvectors.RoaringBitmapArray;

/**
 * The rows of a data file that are not rows of the table any more.
 *
 * @param root of the table, below which the vector lies
 */
record HiddenRows(String root, DeletionVectorDescriptor vector) {

    /** Reads which ones, by their places in the file. */
    RoaringBitmapArray places(Engine engine) {
        return DeletionVectorUtils.loadNewDvAndBitmap(engine, root, vector)._2;
    }
}

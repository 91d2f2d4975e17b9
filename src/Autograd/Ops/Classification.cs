using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

// x[N,K]: N rows of logits for K classes

/// <summary>Labels, and the loss of a classifier.</summary>
public static class ClassificationOps
{
    /// <summary>
    /// Returns labels as one-hot rows [N,K], to which no gradient flows: 1 in column ⌊label⌋, 0 in the others. The product of one-hot rows
    /// and a table has the table's row of each label (an embedding), and the table's gradient is dense: row k is the sum of the gradients
    /// of all n with that label, in the order of n, and exactly 0 where there are none.
    /// </summary>
    /// <param name="labels">[N], from 0 to K, exclusive; a label out of that range makes its row NaN.</param>
    /// <param name="classes">K</param>
    public static Var OneHot(this Var labels, int classes)
    {
        var y = labels.Tape.Rent(new Shape(labels.Value.Count, classes));
        Classification.OneHot(labels.Value, y);
        return labels.Tape.Record(y, null);
    }

    /// <summary>y[n,k] = ln of e^x[n,k] / Σₖ e^x[n,k].</summary>
    /// <exception cref="ArgumentException">There are no classes.</exception>
    public static Var LogSoftmax(this Var x)
    {
        var y = x.Tape.Rent(x.Shape);
        Classification.LogSoftmax(x.Value, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new LogSoftmaxOp(x) : null);
    }

    /// <summary>
    /// y[1] = the mean over rows of -Σₖ oneHot[n,k] · ln softmax(x)[n,k]: with one-hot rows, of ln Σₖ e^x[n,k] - x[n,label].
    /// </summary>
    /// <param name="logits">[N,K]</param>
    /// <param name="oneHot">[N,K]: one-hot rows, or other probabilities.</param>
    /// <exception cref="ArgumentException">The shapes differ, or there are no rows or classes.</exception>
    public static Var SoftmaxCrossEntropy(this Var logits, Var oneHot) => logits.Value.Count > 0
        ? SumOps.ScaledSum(logits.LogSoftmax().Multiply(oneHot), -1f / logits.Shape.Rows, new Shape(1))
        : throw new ArgumentException($"SoftmaxCrossEntropy: {logits.Shape} has no elements");

    /// <summary>
    /// y[n,1] = the logit of row n's class less the greatest of the others, to which no gradient flows. The share of positive ones is the
    /// accuracy.
    /// </summary>
    /// <param name="logits">[N,K]</param>
    /// <param name="oneHot">[N,K]</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Var Margin(this Var logits, Var oneHot)
    {
        var y = logits.Tape.Rent(new Shape(logits.Shape.Rows, 1));
        Classification.Margin(logits.Value, oneHot.Value, y);
        return logits.Tape.Record(y, null);
    }
}

internal sealed class LogSoftmaxOp(Var x) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) =>
        gradients.Add(A, dy.Subtract(y.Exp().Multiply(dy.SumColumns().RepeatColumns(y.Shape))));
}

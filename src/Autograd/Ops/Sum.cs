using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

// x[N,C]: a sum's gradient is a repeat, and a repeat's a sum.

/// <summary>Sums and means over everything, over rows and over columns, and the repeats that are their gradients.</summary>
public static class SumOps
{
    /// <summary>y[1] = Σ x over all elements.</summary>
    public static Var Sum(this Var x) => ScaledSum(x, 1f, new Shape(1));

    /// <summary>y[1] = the mean of all elements.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Var Mean(this Var x) => x.Value.Count > 0
        ? ScaledSum(x, 1f / x.Value.Count, new Shape(1))
        : throw new ArgumentException($"Mean: {x.Shape} has no elements");

    /// <summary>y[c] = Σₙ x[n,c]</summary>
    public static Var SumRows(this Var x) => SumRows(x, new Shape(x.Shape.Columns));

    /// <summary>y[n,1] = Σ_c x[n,c]</summary>
    public static Var SumColumns(this Var x) => SumColumns(x, new Shape(x.Shape.Rows, 1));

    /// <summary>y = scale · x[0] everywhere.</summary>
    public static Var Repeat(this Var x, Shape shape, float scale = 1f)
    {
        var y = x.Tape.Rent(shape);
        Reduce.Repeat(x.Value, scale, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new RepeatOp(x, scale) : null);
    }

    /// <summary>y[n,c] = row[c]</summary>
    public static Var RepeatRows(this Var row, Shape shape)
    {
        var y = row.Tape.Rent(shape);
        Reduce.RepeatRows(row.Value, y);
        return row.Tape.Record(y, row.Tape.Records(row) ? new RepeatRowsOp(row) : null);
    }

    /// <summary>y[n,c] = column[n,0]</summary>
    public static Var RepeatColumns(this Var column, Shape shape)
    {
        var y = column.Tape.Rent(shape);
        Reduce.RepeatColumns(column.Value, 1f, y);
        return column.Tape.Record(y, column.Tape.Records(column) ? new RepeatColumnsOp(column) : null);
    }

    // The sums into a given shape: a gradient has its value's, and a row may be [C] or [1,C].

    internal static Var ScaledSum(Var x, float scale, Shape shape)
    {
        var y = x.Tape.Rent(shape);
        Reduce.Sum(default(Identity), x.Value, scale, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new SumOp(x, scale) : null);
    }

    internal static Var SumRows(Var x, Shape shape)
    {
        var y = x.Tape.Rent(shape);
        Reduce.SumRows(x.Value, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new SumRowsOp(x) : null);
    }

    internal static Var SumColumns(Var x, Shape shape)
    {
        var y = x.Tape.Rent(shape);
        Reduce.SumColumns(x.Value, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new SumColumnsOp(x) : null);
    }
}

internal sealed class SumOp(Var x, float scale) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy.Repeat(A.Shape, scale));
}

internal sealed class RepeatOp(Var x, float scale) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, SumOps.ScaledSum(dy, scale, A.Shape));
}

internal sealed class SumRowsOp(Var x) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy.RepeatRows(A.Shape));
}

internal sealed class RepeatRowsOp(Var row) : Op(row)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, SumOps.SumRows(dy, A.Shape));
}

internal sealed class SumColumnsOp(Var x) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy.RepeatColumns(A.Shape));
}

internal sealed class RepeatColumnsOp(Var column) : Op(column)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, SumOps.SumColumns(dy, A.Shape));
}

using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

// A crop is a padding by negative numbers, and each is the other's gradient. Columns of a matrix are cropped as those of a picture.

/// <summary>Zeros around pictures, parts of pictures, and columns of matrices, taken out or put side by side.</summary>
public static class PadOps
{
    /// <summary>Returns pictures with zeros around them, [N, H + top + bottom, W + left + right, C].</summary>
    /// <param name="x">[N,H,W,C]</param>
    /// <param name="top">Rows of zeros above.</param>
    /// <param name="bottom">Rows of zeros below.</param>
    /// <param name="left">Columns of zeros on the left.</param>
    /// <param name="right">Columns of zeros on the right.</param>
    /// <exception cref="ArgumentException">x has no pictures, or a number is negative.</exception>
    public static Var ZeroPad(this Var x, int top, int bottom, int left, int right) =>
        Pad(x, top, left, PaddedShape(x.Shape, top, bottom, left, right));

    /// <summary>Returns pictures without rows and columns at their sides, [N, H - top - bottom, W - left - right, C].</summary>
    /// <param name="x">[N,H,W,C]</param>
    /// <param name="top">Rows to leave out above.</param>
    /// <param name="bottom">Rows to leave out below.</param>
    /// <param name="left">Columns to leave out on the left.</param>
    /// <param name="right">Columns to leave out on the right.</param>
    /// <exception cref="ArgumentException">x has no pictures, a number is negative, or nothing would be left.</exception>
    public static Var Crop(this Var x, int top, int bottom, int left, int right)
    {
        var shape = x.Shape;
        if (shape.Rank != 4 || Math.Min(Math.Min(top, bottom), Math.Min(left, right)) < 0
            || shape[1] <= top + bottom || shape[2] <= left + right)
        {
            throw new ArgumentException($"Crop: {Sides(top, bottom, left, right)} can't be taken off {shape}; "
                + "it takes pictures [N, rows, columns, channels] of which something is left");
        }
        return Pad(x, -top, -left, new Shape(shape[0], shape[1] - top - bottom, shape[2] - left - right, shape[3]));
    }

    /// <summary>y[n,c] = x[n,from+c]: some of the columns, of pictures some of the channels.</summary>
    /// <param name="x">[...,C]</param>
    /// <param name="from">The first column.</param>
    /// <param name="count">The number of columns.</param>
    /// <exception cref="ArgumentException">x hasn't these columns.</exception>
    public static Var SliceColumns(this Var x, int from, int count) => from >= 0 && count >= 1 && from + count <= x.Shape.Columns
        ? PadColumns(x, -from, count)
        : throw new ArgumentException($"SliceColumns: {x.Shape} has no {count} columns from column {from} on");

    /// <summary>y[n] = (a[n], b[n]): the columns of both side by side, of pictures the channels.</summary>
    /// <exception cref="ArgumentException">Other extents than the last differ.</exception>
    public static Var ConcatColumns(this Var a, Var b)
    {
        int columns = JoinedShape(a.Shape, b.Shape).Columns;
        return PadColumns(a, 0, columns).Add(PadColumns(b, a.Shape.Columns, columns));
    }

    /// <summary>Returns the shape of two side by side.</summary>
    /// <exception cref="ArgumentException">Other extents than the last differ.</exception>
    internal static Shape JoinedShape(Shape a, Shape b)
    {
        int columns = a.Columns + b.Columns;
        return a.Rank > 0 && WithColumns(a, columns) == WithColumns(b, columns)
            ? WithColumns(a, columns)
            : throw new ArgumentException($"ConcatColumns: {a} with {b}: all extents but the last must be equal");
    }

    /// <summary>Returns the shape of pictures with zeros around them.</summary>
    /// <exception cref="ArgumentException">These are no pictures, or a number is negative.</exception>
    internal static Shape PaddedShape(Shape pictures, int top, int bottom, int left, int right)
    {
        if (pictures.Rank != 4 || Math.Min(Math.Min(top, bottom), Math.Min(left, right)) < 0)
        {
            throw new ArgumentException($"ZeroPad: {Sides(top, bottom, left, right)} can't be put around {pictures}; "
                + "it takes pictures [N, rows, columns, channels] and numbers that aren't negative");
        }
        return new Shape(pictures[0], pictures[1] + top + bottom, pictures[2] + left + right, pictures[3]);
    }

    /// <summary>y[n,i,j,c] = x[n,i-top,j-left,c], or 0 where there is no such pixel.</summary>
    internal static Var Pad(Var x, int top, int left, Shape shape)
    {
        var y = x.Tape.Rent(shape);
        Pixels.Pad(x.Value, top, left, y);
        return x.Tape.Record(y, x.Tape.Records(x) ? new PadOp(x, top, left) : null);
    }

    private static string Sides(int top, int bottom, int left, int right) =>
        $"{top} rows above and {bottom} below, {left} columns on the left and {right} on the right";

    private static Var PadColumns(Var x, int left, int columns)
    {
        int rows = x.Shape.Rows;
        return Pad(x.Reshape(new Shape(1, rows, x.Shape.Columns, 1)), 0, left, new Shape(1, rows, columns, 1))
            .Reshape(WithColumns(x.Shape, columns));
    }

    private static Shape WithColumns(Shape shape, int columns) => shape.Rank switch
    {
        1 => new(columns),
        2 => new(shape[0], columns),
        3 => new(shape[0], shape[1], columns),
        _ => new(shape[0], shape[1], shape[2], columns),
    };
}

internal sealed class PadOp(Var x, int top, int left) : Op(x)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, PadOps.Pad(dy, -top, -left, A.Shape));
}

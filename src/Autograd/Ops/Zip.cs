using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>Formula ops of two operands: any <see cref="IZip"/>, element by element.</summary>
internal static class ZipOps
{
    /// <summary>y = f(a, b), element by element, recorded as an op that is made only where one is needed.</summary>
    public static Var Zip<F>(this Var a, F f, Var b, Func<Var, Var, Op> op)
        where F : struct, IZip
    {
        var y = a.Tape.Rent(a.Shape);
        Elementwise.Zip(f, a.Value, b.Value, y);
        return a.Tape.Record(y, a.Tape.Records(a, b) ? op(a, b) : null);
    }

    /// <summary>y[n,c] = f(a[n,c], row[c]), recorded in the same way.</summary>
    public static Var ZipRow<F>(this Var a, F f, Var row, Func<Var, Var, Op> op)
        where F : struct, IZip
    {
        var y = a.Tape.Rent(a.Shape);
        Elementwise.ZipRow(f, a.Value, row.Value, y);
        return a.Tape.Record(y, a.Tape.Records(a, row) ? op(a, row) : null);
    }
}

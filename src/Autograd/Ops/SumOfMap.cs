using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Means of a formula over all elements: what losses end in, as one op.</summary>
public static class SumOfMapOps
{
    /// <summary>y[1] = the mean of f(x) over all elements.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Var MeanOf<F>(this Var x, F f)
        where F : struct, IMap => Mean(x, f, null, f);

    /// <summary>y[1] = mean(f(a)) + mean(g(b)), over all elements of each.</summary>
    /// <exception cref="ArgumentException">One has none.</exception>
    public static Var MeansOf<F>(F f, Var a, F g, Var b)
        where F : struct, IMap => Mean(a, f, b, g);

    /// <summary>y[1] = factor · Σ f(x) over all elements.</summary>
    public static Var SumOf<F>(this Var x, F f, float factor)
        where F : struct, IMap
    {
        var y = x.Tape.Rent(new Shape(1));
        Reduce.Sum(f, x.Value, 1f, y, factor);
        return x.Tape.Record(y, x.Tape.Records(x) ? new SumOfMapOp<F>(f, x, factor) : null);
    }

    private static Var Mean<F>(Var a, F f, Var? b, F g)
        where F : struct, IMap
    {
        foreach (var x in (ReadOnlySpan<Var?>)[a, b])
        {
            if (x?.Value.Count == 0)
                throw new ArgumentException($"Mean: {x.Shape} has no elements");
        }
        var tape = a.Tape;
        bool records = tape.Records(a, b);
        var y = tape.Rent(new Shape(1));
        if (tape.Device is CpuDevice || !records || Math.Max(a.Value.Count, b?.Value.Count ?? 0) > BatchSums.Most)
        {
            Sum(f, a, y);
            if (b is not null)
            {
                Tensor first = y, second = tape.Rent(new Shape(1));
                Sum(g, b, second);
                y = tape.Rent(new Shape(1));
                Elementwise.Zip(default(Add), first, second, y);
            }
            return tape.Record(y, records ? new MeanOfMapOp<F>(f, a, g, b, null, null) : null);
        }
        var slopeOfA = tape.Rent(a.Shape);
        var slopeOfB = b is null ? null : tape.Rent(b.Shape);
        BatchSums.MeanWithSlope(f, a.Value, slopeOfA, g, b?.Value, slopeOfB, y);
        var kept = tape.Own(slopeOfA);
        return tape.Record(y, new MeanOfMapOp<F>(f, a, g, b, kept, slopeOfB is null ? null : tape.Own(slopeOfB)));

        static void Sum(F f, Var x, Tensor y) => Reduce.Sum(f, x.Value, 1f / x.Value.Count, y);
    }
}

/// <summary>The means with the gradients for a y whose own gradient is 1, where the kernel that made y made them too.</summary>
internal sealed class MeanOfMapOp<F>(F f, Var a, F g, Var? b, Var? slopeOfA, Var? slopeOfB) : Op(a, b)
    where F : struct, IMap
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        Add(A, f, slopeOfA, dy, gradients);
        if (B is not null)
            Add(B, g, slopeOfB, dy, gradients);
    }

    private static void Add(Var x, F f, Var? slope, Var dy, GradientAccumulator gradients)
    {
        if (slope is not null && !x.Tape.Recording && x.Tape.IsSeed(dy))
            gradients.Add(x, slope);
        else
            SumOfMapOp<F>.Add(x, f, 1f / x.Value.Count, dy, gradients);
    }
}

internal sealed class SumOfMapOp<F>(F f, Var x, float factor) : Op(x)
    where F : struct, IMap
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) => Add(A, f, factor, dy, gradients);

    /// <summary>Adds f'(x) · factor · dy.</summary>
    public static void Add(Var x, F f, float factor, Var dy, GradientAccumulator gradients)
    {
        if (!gradients.Needs(x))
            return;
        var tape = x.Tape;
        if (tape.Recording)
        {
            gradients.Add(x, MapOps.MapGradient(f, x, x.Map(f), dy.Repeat(x.Shape, factor), ofOutput: false));
            return;
        }
        var dx = tape.Rent(x.Shape);
        Elementwise.SumBackward(f, x.Value, factor, dy.Value, dx);
        gradients.Add(x, tape.Record(dx, null));
    }
}

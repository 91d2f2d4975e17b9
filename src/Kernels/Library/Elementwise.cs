using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>A function of one number, with its derivative. A formula op is one such struct, and nothing else.</summary>
public interface IMap
{
    /// <summary>y = f(x)</summary>
    V Forward<V>(V x)
        where V : struct, ILane<V>;

    /// <summary>dx = f'(x) · dy, where y = f(x). Linear in dy.</summary>
    V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V>;
}

/// <summary>
/// A map whose derivative can be told from its output alone: <see cref="IMap.Backward"/> gives the same when x is replaced by y. Such a map can
/// be fused into the matrix product before it, which then has no need to keep x.
/// </summary>
public interface IActivation : IMap;

/// <summary>A function of two numbers.</summary>
public interface IZip
{
    /// <summary>y = f(a, b)</summary>
    V Forward<V>(V a, V b)
        where V : struct, ILane<V>;
}

/// <summary>Functions applied to each element, or to each element and its column's element of a row.</summary>
public static unsafe class Elementwise
{
    /// <summary>y = f(x), element by element.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Map<F>(F f, Tensor x, Tensor y)
        where F : struct, IMap
    {
        Host.SameShape(typeof(F).Name, x, y);
        Host.ForEach(y.Cpu(typeof(F).Name), new MapBody<F>(f, x.Pointer(), y.Pointer()), y.Count);
    }

    /// <summary>dx = f'(x) · dy, element by element. For an <see cref="IActivation"/> x may be y.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void MapBackward<F>(F f, Tensor x, Tensor y, Tensor dy, Tensor dx)
        where F : struct, IMap
    {
        Host.SameShape(typeof(F).Name, x, y);
        Host.SameShape(typeof(F).Name, y, dy);
        Host.SameShape(typeof(F).Name, dy, dx);
        Host.ForEach(dx.Cpu(typeof(F).Name), new BackwardBody<F>(f, x.Pointer(), y.Pointer(), dy.Pointer(), dx.Pointer()), dx.Count);
    }

    /// <summary>
    /// The gradient that flows to x through <c>dx = f'(x) · dy</c>: f''(x) · dy · ddx, where ddx is the gradient of dx. With
    /// <paramref name="ofOutput"/>, x is y itself and the gradient is the one that flows to y.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void MapSecond<F>(F f, Tensor x, Tensor y, Tensor dy, Tensor ddx, Tensor gradient, bool ofOutput)
        where F : struct, IMap
    {
        foreach (var other in (ReadOnlySpan<Tensor>)[y, dy, ddx, gradient])
            Host.SameShape(typeof(F).Name, x, other);
        Host.ForEach(
            gradient.Cpu(typeof(F).Name),
            new SecondBody<F>(f, x.Pointer(), y.Pointer(), dy.Pointer(), ddx.Pointer(), gradient.Pointer(), ofOutput),
            gradient.Count);
    }

    /// <summary>y = f(a, b), element by element.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Zip<F>(F f, Tensor a, Tensor b, Tensor y)
        where F : struct, IZip
    {
        Host.SameShape(typeof(F).Name, a, b);
        Host.SameShape(typeof(F).Name, a, y);
        Host.ForEach(y.Cpu(typeof(F).Name), new ZipBody<F>(f, a.Pointer(), b.Pointer(), y.Pointer()), y.Count);
    }

    /// <summary>y[n,c] = f(a[n,c], row[c]).</summary>
    /// <exception cref="ArgumentException">The row's length is not the number of columns, or a and y differ.</exception>
    public static void ZipRow<F>(F f, Tensor a, Tensor row, Tensor y)
        where F : struct, IZip
    {
        Host.SameShape(typeof(F).Name, a, y);
        Host.RowOf(typeof(F).Name, a, row);
        int columns = a.Shape.Columns;
        var job = new ZipRowJob<F>(f, a.Pointer(), row.Pointer(), y.Pointer(), columns);
        y.Cpu(typeof(F).Name).Run(ref job, a.Shape.Rows, (Host.Chunk * 4 / Math.Max(1, columns)) + 1);
    }

    private readonly struct MapBody<F>(F f, float* x, float* y) : IBody
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(y + i, f.Forward(V.Load(x + i)));
    }

    private readonly struct BackwardBody<F>(F f, float* x, float* y, float* dy, float* dx) : IBody
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(dx + i, f.Backward(V.Load(x + i), V.Load(y + i), V.Load(dy + i)));
    }

    private readonly struct SecondBody<F>(F f, float* x, float* y, float* dy, float* ddx, float* gradient, bool ofOutput) : IBody
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V>
        {
            V one = V.Of(1f), xi = V.Load(x + i), yi = V.Load(y + i);
            V slope = ofOutput ? one : f.Backward(xi, yi, one);
            var dx = f.Backward(new Dual<V>(xi, one), new Dual<V>(yi, slope), new Dual<V>(V.Load(dy + i), V.Of(0f)));
            V.Store(gradient + i, dx.Derivative * V.Load(ddx + i));
        }
    }

    private readonly struct ZipBody<F>(F f, float* a, float* b, float* y) : IBody
        where F : struct, IZip
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(y + i, f.Forward(V.Load(a + i), V.Load(b + i)));
    }

    private readonly struct ZipRowJob<F>(F f, float* a, float* row, float* y, int columns) : IJob
        where F : struct, IZip
    {
        public void Run(int from, int to)
        {
            for (int n = from; n < to; n++)
                Host.Loop(new ZipBody<F>(f, a + ((nint)n * columns), row, y + ((nint)n * columns)), 0, columns);
        }
    }
}

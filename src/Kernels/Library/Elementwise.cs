using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>Functions applied to each element, or to each element and its column's element of a row.</summary>
public static unsafe class Elementwise
{
    /// <summary>y = f(x), element by element.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Map<F>(F f, Tensor x, Tensor y)
        where F : struct, IMap
    {
        Operands.SameShape(typeof(F).Name, x, y);
        var device = y.Device;
        if (device is CpuDevice cpu)
            CpuLoop.ForEach(cpu, new MapBody<F>(f, x.Pointer(), y.Pointer()), y.Shape);
        else
            Launcher.ForEach(device, y.Count, MapKernel, f, x.On(device), y.On(device));
    }

    /// <summary>dx = f'(x) · dy, element by element. For an <see cref="IActivation"/> x may be y.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void MapBackward<F>(F f, Tensor x, Tensor y, Tensor dy, Tensor dx)
        where F : struct, IMap
    {
        Operands.SameShape(typeof(F).Name, x, y);
        Operands.SameShape(typeof(F).Name, y, dy);
        Operands.SameShape(typeof(F).Name, dy, dx);
        var device = dx.Device;
        if (device is CpuDevice cpu)
            CpuLoop.ForEach(cpu, new BackwardBody<F>(f, x.Pointer(), y.Pointer(), dy.Pointer(), dx.Pointer()), dx.Shape);
        else
            Launcher.ForEach(device, dx.Count, MapBackwardKernel, f, x.On(device), y.On(device), dy.On(device), dx.On(device));
    }

    /// <summary>dx = f'(x) · scale · dy[0], element by element: the gradient of scale · Σ f(x), of which dy is y's own.</summary>
    /// <exception cref="ArgumentException">The shapes differ, or dy hasn't exactly one element.</exception>
    public static void SumBackward<F>(F f, Tensor x, float scale, Tensor dy, Tensor dx)
        where F : struct, IMap
    {
        Operands.SameShape(typeof(F).Name, x, dx);
        if (dy.Count != 1)
            Operands.Refuse(typeof(F).Name, x, dy, "the gradient of a mean is a single number");
        var device = dx.Device;
        if (device is CpuDevice cpu)
            CpuLoop.ForEach(cpu, new SumBackwardBody<F>(f, x.Pointer(), scale * *dy.Pointer(), dx.Pointer()), dx.Shape);
        else
            Launcher.ForEach(device, dx.Count, SumBackwardKernel, f, x.On(device), scale, dy.On(device), dx.On(device));
    }

    /// <summary>
    /// gradient = f''(x) · dy · ddx: the gradient of <c>dx = f'(x) · dy</c> with respect to x, where ddx is the gradient with respect to dx
    /// (a double backward pass). With <paramref name="ofOutput"/>, x is y itself and the gradient is with respect to y.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void MapSecondDerivative<F>(F f, Tensor x, Tensor y, Tensor dy, Tensor ddx, Tensor gradient, bool ofOutput)
        where F : struct, IMap
    {
        foreach (var other in (ReadOnlySpan<Tensor>)[y, dy, ddx, gradient])
            Operands.SameShape(typeof(F).Name, x, other);
        var device = gradient.Device;
        var second = new SecondDerivative<F>(f, ofOutput ? 1 : 0);
        if (device is CpuDevice cpu)
        {
            var body = new SecondDerivativeBody<F>(second, x.Pointer(), y.Pointer(), dy.Pointer(), ddx.Pointer(), gradient.Pointer());
            CpuLoop.ForEach(cpu, body, gradient.Shape);
        }
        else
        {
            var views = new SecondDerivativeViews(x.On(device), y.On(device), dy.On(device), ddx.On(device));
            Launcher.ForEach(device, gradient.Count, MapSecondDerivativeKernel, second, views, gradient.On(device));
        }
    }

    /// <summary>y = f(a, b), element by element.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Zip<F>(F f, Tensor a, Tensor b, Tensor y)
        where F : struct, IZip
    {
        Operands.SameShape(typeof(F).Name, a, b);
        Operands.SameShape(typeof(F).Name, a, y);
        var device = y.Device;
        if (device is CpuDevice cpu)
            CpuLoop.ForEach(cpu, new ZipBody<F>(f, a.Pointer(), b.Pointer(), y.Pointer()), y.Shape);
        else
            Launcher.ForEach(device, y.Count, ZipKernel, f, a.On(device), b.On(device), y.On(device));
    }

    /// <summary>y[n,c] = f(a[n,c], row[c]).</summary>
    /// <exception cref="ArgumentException">The row's length is not the number of columns, or a and y differ.</exception>
    public static void ZipRow<F>(F f, Tensor a, Tensor row, Tensor y)
        where F : struct, IZip
    {
        Operands.SameShape(typeof(F).Name, a, y);
        Operands.RowOf(typeof(F).Name, a, row);
        var device = y.Device;
        int columns = a.Shape.Columns;
        if (device is CpuDevice cpu)
        {
            var job = new ZipRowJob<F>(f, a.Pointer(), row.Pointer(), y.Pointer(), columns);
            cpu.Run(ref job, a.Shape.Rows, CpuLoop.MinRows(columns));
        }
        else
        {
            Launcher.ForEach(device, y.Count, ZipRowKernel, f, a.On(device), row.On(device), y.On(device));
        }
    }

    private static void MapKernel<F>(Index1D i, F f, ArrayView<float> x, ArrayView<float> y)
        where F : struct, IMap => y[i] = f.Forward(new Scalar(x[i])).Value;

    private static void MapBackwardKernel<F>(
        Index1D i, F f, ArrayView<float> x, ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx)
        where F : struct, IMap => dx[i] = f.Backward(new Scalar(x[i]), new Scalar(y[i]), new Scalar(dy[i])).Value;

    private static void SumBackwardKernel<F>(
        Index1D i, F f, ArrayView<float> x, float scale, ArrayView<float> dy, ArrayView<float> dx)
        where F : struct, IMap
    {
        var at = new Scalar(x[i]);
        dx[i] = f.Backward(at, f.Forward(at), new Scalar(scale * dy[0])).Value;
    }

    private static void MapSecondDerivativeKernel<F>(
        Index1D i, SecondDerivative<F> second, SecondDerivativeViews views, ArrayView<float> gradient)
        where F : struct, IMap =>
        gradient[i] = second.Of(new Scalar(views.X[i]), new Scalar(views.Y[i]), new Scalar(views.DY[i]), new Scalar(views.DDX[i])).Value;

    private static void ZipKernel<F>(Index1D i, F f, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y)
        where F : struct, IZip => y[i] = f.Forward(new Scalar(a[i]), new Scalar(b[i])).Value;

    private static void ZipRowKernel<F>(Index1D i, F f, ArrayView<float> a, ArrayView<float> row, ArrayView<float> y)
        where F : struct, IZip => y[i] = f.Forward(new Scalar(a[i]), new Scalar(row[i % row.IntLength])).Value;

    /// <summary>The gradient of dx = f'(x) · dy with respect to x or, with OfOutput of 1, to y. ILGPU takes no bool.</summary>
    internal readonly record struct SecondDerivative<F>(F Formula, int OfOutput)
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Of<V>(V x, V y, V dy, V ddx)
            where V : struct, ILane<V>
        {
            V one = V.Of(1f);
            V slope = OfOutput != 0 ? one : Formula.Backward(x, y, one);
            var dx = Formula.Backward(new Dual<V>(x, one), new Dual<V>(y, slope), new Dual<V>(dy, V.Of(0f)));
            return dx.Derivative * ddx;
        }
    }

    internal readonly record struct SecondDerivativeViews(
        ArrayView<float> X, ArrayView<float> Y, ArrayView<float> DY, ArrayView<float> DDX);

    private readonly struct MapBody<F>(F f, float* x, float* y) : ILoopBody
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(y + i, f.Forward(V.Load(x + i)));
    }

    private readonly struct BackwardBody<F>(F f, float* x, float* y, float* dy, float* dx) : ILoopBody
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(dx + i, f.Backward(V.Load(x + i), V.Load(y + i), V.Load(dy + i)));
    }

    private readonly struct SumBackwardBody<F>(F f, float* x, float dy, float* dx) : ILoopBody
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V>
        {
            V at = V.Load(x + i);
            V.Store(dx + i, f.Backward(at, f.Forward(at), V.Of(dy)));
        }
    }

    private readonly struct SecondDerivativeBody<F>(
        SecondDerivative<F> second, float* x, float* y, float* dy, float* ddx, float* gradient) : ILoopBody
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> =>
            V.Store(gradient + i, second.Of(V.Load(x + i), V.Load(y + i), V.Load(dy + i), V.Load(ddx + i)));
    }

    private readonly struct ZipBody<F>(F f, float* a, float* b, float* y) : ILoopBody
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
                CpuLoop.Run(new ZipBody<F>(f, a + ((nint)n * columns), row, y + ((nint)n * columns)), 0, columns);
        }
    }
}

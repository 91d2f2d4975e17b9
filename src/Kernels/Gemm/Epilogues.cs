using System.Runtime.CompilerServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// What a product on the processor does with finished rows: stores them, applies an activation or its slope, or hands them to an optimiser
/// (CUTLASS's epilogue). It is a type parameter. The accelerators' counterpart is <see cref="IDeviceEpilogue"/>.
/// </summary>
internal unsafe interface IEpilogue
{
    /// <summary>Gets the epilogue's name in tables of timings; empty for a plain store.</summary>
    static abstract string Name { get; }

    /// <summary>Gets where finished rows are.</summary>
    static abstract EpilogueKind Kind { get; }

    /// <summary>Gets whether each chain of multiply-adds starts at the result's present value, not at 0.</summary>
    bool Accumulates { get; }

    /// <summary>Finishes a part of one row.</summary>
    /// <param name="sums">The row's sums: in the result or, of a consumed row, in a buffer of the thread.</param>
    /// <param name="at">The first sum's offset in the result.</param>
    /// <param name="column">The first sum's column.</param>
    /// <param name="count">The number of sums.</param>
    void Finish(float* sums, nint at, int column, int count);

    /// <summary>Returns the prefetch of what <see cref="Finish"/> reads of some rows, run while their sums are computed.</summary>
    /// <param name="at">The first sum's offset in the result.</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="pieces">How many pieces of interleaved work the computation has.</param>
    Prefetch PrefetchRows(nint at, nint stride, int rows, int columns, int pieces);
}

/// <summary>An epilogue that also takes parts of columns.</summary>
internal unsafe interface IColumnEpilogue : IEpilogue
{
    /// <summary>Gets numbers of the result's shape that finishing reads; null: it reads none.</summary>
    float* Read { get; }

    /// <summary>Finishes a part of one column, in place.</summary>
    /// <param name="sums">The sums, side by side.</param>
    /// <param name="read">What <see cref="Read"/> has in their places, side by side.</param>
    /// <param name="column">The column.</param>
    /// <param name="count">The number of sums.</param>
    void FinishColumn(float* sums, float* read, int column, int count);
}

/// <summary>Where an epilogue finds finished rows.</summary>
internal enum EpilogueKind
{
    /// <summary>In the result, which is complete: nothing is left to do.</summary>
    Store,

    /// <summary>In the result, where they are changed in place.</summary>
    InPlace,

    /// <summary>In a thread's buffer, from where they are consumed: the result itself is never in memory.</summary>
    Consume,
}

/// <summary>y = a·b, or y += a·b.</summary>
/// <param name="accumulates">Whether the product is added to the result.</param>
internal readonly unsafe struct StoreEpilogue(bool accumulates = false) : IColumnEpilogue
{
    /// <inheritdoc/>
    public static string Name => "";

    /// <inheritdoc/>
    public static EpilogueKind Kind => EpilogueKind.Store;

    /// <inheritdoc/>
    public bool Accumulates => accumulates;

    /// <inheritdoc/>
    public float* Read => null;

    /// <inheritdoc/>
    public void Finish(float* sums, nint at, int column, int count)
    {
        // the sums are the result
    }

    /// <inheritdoc/>
    public void FinishColumn(float* sums, float* read, int column, int count)
    {
        // likewise
    }

    /// <inheritdoc/>
    public Prefetch PrefetchRows(nint at, nint stride, int rows, int columns, int pieces) => default;
}

/// <summary>y = f(a·b + bias)</summary>
/// <param name="activation">f</param>
/// <param name="bias">An element for each column.</param>
internal readonly unsafe struct BiasEpilogue<F>(F activation, float* bias) : IColumnEpilogue
    where F : struct, IActivation
{
    /// <inheritdoc/>
    public static string Name => typeof(F) == typeof(Identity) ? "" : typeof(F).Name;

    /// <inheritdoc/>
    public static EpilogueKind Kind => EpilogueKind.InPlace;

    /// <inheritdoc/>
    public bool Accumulates => false;

    /// <inheritdoc/>
    public void Finish(float* sums, nint at, int column, int count) =>
        CpuLoop.Run(new AddBiasAndActivate(activation, bias + column, sums), 0, count);

    /// <inheritdoc/>
    public float* Read => null;

    /// <inheritdoc/>
    public void FinishColumn(float* sums, float* read, int column, int count) =>
        CpuLoop.Run(new AddOneBiasAndActivate(activation, bias[column], sums), 0, count);

    /// <inheritdoc/>
    public Prefetch PrefetchRows(nint at, nint stride, int rows, int columns, int pieces) => default;

    private readonly struct AddOneBiasAndActivate(F f, float bias, float* y) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(y + i, f.Forward(V.Load(y + i) + V.Of(bias)));
    }

    private readonly struct AddBiasAndActivate(F f, float* bias, float* y) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> => V.Store(y + i, f.Forward(V.Load(y + i) + V.Load(bias + i)));
    }
}

/// <summary>dz = f'(y)·(a·b), where y is an activation's output.</summary>
/// <param name="activation">f</param>
/// <param name="activated">y, of the result's shape.</param>
internal readonly unsafe struct SlopeEpilogue<F>(F activation, float* activated) : IColumnEpilogue
    where F : struct, IActivation
{
    /// <inheritdoc/>
    public static string Name => typeof(F) == typeof(Identity) ? "" : typeof(F).Name;

    /// <inheritdoc/>
    public static EpilogueKind Kind => EpilogueKind.InPlace;

    /// <inheritdoc/>
    public bool Accumulates => false;

    /// <inheritdoc/>
    public void Finish(float* sums, nint at, int column, int count) =>
        CpuLoop.Run(new ApplySlope(activation, activated + at, sums), 0, count);

    /// <inheritdoc/>
    public float* Read => activated;

    /// <inheritdoc/>
    public void FinishColumn(float* sums, float* read, int column, int count) =>
        CpuLoop.Run(new ApplySlope(activation, read, sums), 0, count);

    /// <inheritdoc/>
    public Prefetch PrefetchRows(nint at, nint stride, int rows, int columns, int pieces) => default;

    private readonly struct ApplySlope(F f, float* activated, float* y) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V>
        {
            V x = V.Load(activated + i);
            V.Store(y + i, f.Backward(x, x, V.Load(y + i)));
        }
    }
}

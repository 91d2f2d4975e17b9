namespace GanFromScratch.Kernels;

/// <summary>
/// Adam fused with the product that computes a weight's gradient: each finished row updates its row of the weight and its moments, which
/// are prefetched while the row is computed.
/// </summary>
/// <param name="slot">The weight, and its moments.</param>
/// <param name="numbers">The numbers of the update.</param>
/// <param name="fault">What is set to the update's mark where a number isn't finite.</param>
internal readonly unsafe struct AdamEpilogue(AdamSlot slot, AdamNumbers numbers, float* fault) : IEpilogue
{
    private readonly float* _value = slot.Value.Pointer(), _mean = slot.Mean.Pointer(), _square = slot.Square.Pointer();

    /// <inheritdoc/>
    public static string Name => "Adam";

    /// <inheritdoc/>
    public static EpilogueKind Kind => EpilogueKind.Consume;

    /// <inheritdoc/>
    public bool Accumulates => false;

    /// <inheritdoc/>
    public void Finish(float* sums, nint at, int column, int count) =>
        CpuLoop.Run(new AdamStep.UpdateBody(_value + at, sums, _mean + at, _square + at, numbers, fault), 0, count);

    /// <inheritdoc/>
    public Prefetch PrefetchRows(nint at, nint stride, int rows, int columns, int pieces) =>
        Prefetch.Rows(_value + at, (nint)(_mean - _value), (nint)(_square - _value), stride, rows, columns, pieces);
}

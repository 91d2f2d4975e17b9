using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>Chooses the tile of a product on an accelerator. Those to choose from give the same bits.</summary>
internal static class TileChoice
{
    private const long ManyGroups = 256; // about two for each multiprocessor of a large GPU
    private const long FewestWorthTrying = 4, MostWorthTrying = 8192;

    // A choice is kept as its place here: new ones go to the end.
    internal static readonly TileKind[] Plain = [TileKind.Large, TileKind.Middle, TileKind.Small, TileKind.Fine, TileKind.Tiny];

    private static readonly TileKind[] WithCopies =
        [.. Plain, TileKind.MiddleAhead, TileKind.FineAhead, TileKind.TinyAhead];

    private static readonly TileKind[] Tf32 = [TileKind.LargeTf32, TileKind.MiddleTf32, TileKind.FineTf32];

    /// <summary>Returns the tile for a product: the fastest as measured, or else the largest that gives enough groups.</summary>
    public static TileKind For<E>(GemmCall call, MatMulArguments<E> arguments)
        where E : struct, IDeviceEpilogue
    {
        var (m, n) = (call.M, call.N);
        bool isFast = TakesTensorCores(call);
        var otherwise = BySize(call.Y.Device, m, n);
        if (isFast)
            otherwise = InTf32(otherwise);
        if (call.Y.Device is not AcceleratorDevice device)
            return otherwise;
        var kinds = isFast ? Tf32 : device.Description.IsAmpereOrNewer ? WithCopies : Plain;
        var shape = new KernelShape(isFast ? "tf32" : "product", m, n, call.K, (call.TransposeA ? 1 : 0) + (call.TransposeB ? 2 : 0));
        return kinds[device.HasPicked(shape, kinds.Length, Array.IndexOf(kinds, otherwise), out int picked)
            ? picked
            : Measured(device, shape, kinds, call, arguments)];
    }

    /// <summary>Returns the largest tile that gives enough groups for a product [M,N].</summary>
    internal static TileKind BySize(Device device, int m, int n)
    {
        if (HasManyGroups(TileKind.Large, m, n))
            return TileKind.Large;
        if (HasManyGroups(TileKind.Middle, m, n))
            return TileKind.Middle;
        return TakesSmallTiles(device)
            ? TileKind.Small
            : TileKind.Fine; // four times the threads, or most of a GPU's schedulers would have none
    }

    /// <summary>Whether a product [M,N] has enough groups with a tile for a large GPU.</summary>
    internal static bool HasManyGroups(TileKind kind, int m, int n) => Groups(kind, m, n) >= ManyGroups;

    private static TileKind InTf32(TileKind kind) => kind switch
    {
        TileKind.Large => TileKind.LargeTf32,
        TileKind.Middle => TileKind.MiddleTf32,
        _ => TileKind.FineTf32,
    };

    /// <summary>
    /// Whether a product is computed in TF32: where that was asked for, of matrices that fill an instruction. Not xᵀ·dy: a weight's
    /// gradient is computed in the optimiser's launch or before it, and has the same bits either way.
    /// </summary>
    internal static bool TakesTensorCores(GemmCall call) => call is { M: >= 16, N: >= 16, K: >= 8 }
        && !(call.TransposeA && !call.TransposeB)
        && call.Y.Device is AcceleratorDevice { Fast: true };

    /// <summary>Whether a device that is a processor computes a batch's products: it has no schedulers to fill with threads.</summary>
    internal static bool TakesSmallTiles(Device device) => device is AcceleratorDevice { Description.IsCpu: true };

    // In a method of its own: one with a lambda allocates whether it needs it or not.
    private static int Measured<E>(
        AcceleratorDevice device, KernelShape shape, TileKind[] kinds, GemmCall call, MatMulArguments<E> arguments)
        where E : struct, IDeviceEpilogue
    {
        using var scratch = E.Accumulates ? new Tensor(device, call.Y.Shape) : null; // else the result itself may be overwritten
        var operands = scratch is null ? arguments : arguments with { Y = scratch.On(device) };
        int[] worthTrying = [.. Enumerable.Range(0, kinds.Length).Where(i => IsWorthTrying(kinds[i], kinds, call.M, call.N))];
        return device.Pick(
            shape, worthTrying, tile => DeviceGemm.Launch(device, kinds[tile], call.TransposeA, call.TransposeB, operands));
    }

    /// <summary>Whether a tile may be the fastest of its kind: others are not compiled, which takes longer than to measure them.</summary>
    internal static bool IsWorthTrying(TileKind kind, TileKind[] among, int m, int n)
    {
        long groups = Groups(kind, m, n), fewest = among.Min(other => Groups(other, m, n)), most = among.Max(other => Groups(other, m, n));
        return (groups >= FewestWorthTrying || groups == most) && (groups <= MostWorthTrying || groups == fewest);
    }

    private static long Groups(TileKind kind, int m, int n)
    {
        int side = kind switch
        {
            TileKind.Large or TileKind.LargeTf32 => LargeTile.Side,
            TileKind.Middle or TileKind.MiddleAhead or TileKind.MiddleTf32 => MiddleTile.Side,
            TileKind.Tiny or TileKind.TinyAhead => FineTile<Sixteen>.Side,
            _ => FineTile<ThirtyTwo>.Side,
        };
        return (long)((m + side - 1) / side) * ((n + side - 1) / side);
    }
}

/// <summary>The tiles to choose from.</summary>
internal enum TileKind
{
    /// <summary><see cref="LargeTile"/></summary>
    Large,

    /// <summary><see cref="MiddleTile"/></summary>
    Middle,

    /// <summary><see cref="SmallTile"/></summary>
    Small,

    /// <summary><see cref="FineTile{ThirtyTwo}"/></summary>
    Fine,

    /// <summary><see cref="FineTile{Sixteen}"/></summary>
    Tiny,

    /// <summary><see cref="MiddleTile"/>, by <see cref="AheadGemm"/></summary>
    MiddleAhead,

    /// <summary><see cref="FineTile{ThirtyTwo}"/>, by <see cref="AheadGemm"/></summary>
    FineAhead,

    /// <summary><see cref="FineTile{Sixteen}"/>, by <see cref="AheadGemm"/></summary>
    TinyAhead,

    /// <summary><see cref="LargeTf32Tile{M}"/></summary>
    LargeTf32,

    /// <summary><see cref="MiddleTf32Tile{M}"/></summary>
    MiddleTf32,

    /// <summary><see cref="FineTf32Tile{M}"/></summary>
    FineTf32,
}

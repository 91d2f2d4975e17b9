using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <content>
/// The update on an accelerator: one launch for a whole network. A group of threads has a part of one parameter: some elements whose
/// gradient is a tensor, a tile of a product xᵀ·dy, or some columns of a sum over rows. The latter two update from registers, so that most
/// gradients are never in memory, and the gradients of all layers keep a large GPU busy at once.
/// </content>
public static unsafe partial class AdamStep
{
    /// <summary>
    /// The tiles to choose from; a large one's sums leave no registers for the update. A choice is kept as its place here: new ones go to
    /// the end.
    /// </summary>
    private static ReadOnlySpan<TileKind> Tiles => [TileKind.Fine, TileKind.Middle, TileKind.Small];

    private const int FewSlots = 4, ManySlots = 16; // OpenCL guarantees only 1,024 bytes of arguments, where a slot has some 200

    private static void RunOnAccelerator(
        AcceleratorDevice device, ReadOnlySpan<AdamSlot> slots, AdamNumbers numbers, Varying at, Tensor faults)
    {
        foreach (ref readonly var slot in slots)
        {
            for (var share = slot.Deferred; share?.X is not null; share = share.More)
                device.CountMatMul(share.X.Shape[1], share.Dy.Shape[1], share.X.Shape[0]);
        }
        Launch(device, Picked(device, slots, numbers), slots, numbers, at, faults);
    }

    /// <summary>Returns the tile that is the fastest for these gradients, measured on parameters that nobody needs.</summary>
    private static TileKind Picked(AcceleratorDevice device, ReadOnlySpan<AdamSlot> slots, AdamNumbers numbers)
    {
        int rows = 0, columns = 0, elements = 0;
        foreach (ref readonly var slot in slots)
        {
            // sums that tell one network's gradients from another's
            for (var share = slot.Deferred; share is not null; share = share.More)
                rows += share.Dy.Shape.Rows;
            columns += slot.Deferred?.Dy.Shape.Columns ?? 0;
            elements += slot.Value.Count;
        }
        var shape = new KernelShape("update", elements, columns, rows, slots.Length);
        int otherwise = TileChoice.TakesSmallTiles(device) ? Tiles.IndexOf(TileKind.Small) : 0;
        return Tiles[device.HasPicked(shape, Tiles.Length, otherwise, out int picked)
            ? picked
            : Measured(device, shape, slots.ToArray(), numbers, otherwise)];
    }

    /// <summary>Updates with a kind of tile.</summary>
    private static void Launch(
        AcceleratorDevice device, TileKind tile, ReadOnlySpan<AdamSlot> slots, AdamNumbers numbers, Varying at, Tensor faults)
    {
        if (tile == TileKind.Small)
            WithTile<SmallTile>(device, slots, numbers, at, faults);
        else if (tile == TileKind.Middle)
            WithTile<MiddleTile>(device, slots, numbers, at, faults);
        else
            WithTile<FineTile<ThirtyTwo>>(device, slots, numbers, at, faults);
    }

    private static int Measured(AcceleratorDevice device, KernelShape shape, AdamSlot[] slots, AdamNumbers numbers, int otherwise)
    {
        var scratch = new List<Tensor>();
        try
        {
            for (int i = 0; i < slots.Length; i++)
                slots[i] = slots[i] with { Value = Scratch(slots[i]), Mean = Scratch(slots[i]), Square = Scratch(slots[i]) };
            using var faults = new Tensor(device, new Shape(slots.Length));
            return device.Pick(shape, [0, 1, 2], tile => Launch(device, Tiles[tile], slots, numbers, device.AmongArguments, faults));
        }
        catch (DeviceException fault) when (fault.LacksMemory)
        {
            return otherwise; // a run whose memory just suffices goes without
        }
        finally
        {
            scratch.ForEach(tensor => tensor.Dispose());
        }

        Tensor Scratch(AdamSlot slot)
        {
            scratch.Add(new Tensor(device, slot.Value.Shape));
            return scratch[^1];
        }
    }

    /// <summary>Updates with a tile of the caller's choice.</summary>
    internal static void WithTile<T>(AcceleratorDevice device, ReadOnlySpan<AdamSlot> slots, AdamNumbers numbers, Varying at, Tensor faults)
        where T : struct, ITile<T>
    {
        int most = TakesFew(device) ? FewSlots : ManySlots, shares = 0;
        foreach (ref readonly var slot in slots)
            shares = Math.Max(shares, slot.Deferred?.Shares ?? 0);
        for (int first = 0; first < slots.Length; first += most)
        {
            var those = slots.Slice(first, Math.Min(most, slots.Length - first));
            int groups = 0;
            if (most == FewSlots)
            {
                var only = FourSlots<TwoShares>.Next<T>(device, those, 0, first, ref groups);
                var few = new ArgumentsOfFew(only, numbers, at, faults.On(device), shares);
                Launcher.Groups(device, new Index2D(groups, 1), T.Threads, UpdateFewKernel<T>, few);
                continue;
            }
            var s0 = FourSlots<FourShares>.Next<T>(device, those, 0, first, ref groups);
            var s4 = FourSlots<FourShares>.Next<T>(device, those, 4, first, ref groups);
            var s8 = FourSlots<FourShares>.Next<T>(device, those, 8, first, ref groups);
            var s12 = FourSlots<FourShares>.Next<T>(device, those, 12, first, ref groups);
            var many = new ArgumentsOfMany(s0, s4, s8, s12, numbers, at, faults.On(device), shares);
            Launcher.Groups(device, new Index2D(groups, 1), T.Threads, UpdateManyKernel<T>, many);
        }
    }

    /// <summary>Returns the most shares that a deferred gradient may have on an accelerator.</summary>
    internal static int MostShares(AcceleratorDevice device) => TakesFew(device) ? TwoShares.Most : FourShares.Most;

    private static bool TakesFew(AcceleratorDevice device) => device.MaxArgumentBytes < 4096;

    /// <summary>What a slot's gradient is.</summary>
    internal enum GradientKind
    {
        /// <summary>A tensor.</summary>
        Tensor,

        /// <summary>xᵀ·dy.</summary>
        Product,

        /// <summary>The sum of dy's rows: the product where x is a column of ones.</summary>
        RowSum,
    }

    /// <summary>A share of a deferred gradient on a device; of no rows where there is none. A gradient that is a tensor is x.</summary>
    internal readonly record struct DeviceShare(ArrayView<float> X, ArrayView<float> DY, int Rows)
    {
        /// <summary>Returns a slot's n-th share.</summary>
        public static DeviceShare Of(AcceleratorDevice device, AdamSlot slot, int n)
        {
            if (slot.Deferred is not { } share)
            {
                var gradient = slot.Gradient!.On(device);
                return new(gradient, gradient, 0);
            }
            bool exists = true;
            for (; n > 0 && exists; n--)
            {
                exists = share.More is not null;
                share = share.More ?? share;
            }
            var dy = share.Dy.On(device);
            return new(share.X?.On(device) ?? dy, dy, exists ? share.Dy.Shape.Rows : 0);
        }
    }

    /// <summary>A gradient's shares, of which a kernel's arguments have room for some.</summary>
    internal interface IShares<S>
        where S : struct, IShares<S>
    {
        /// <summary>Returns a slot's shares.</summary>
        static abstract S Of(AcceleratorDevice device, AdamSlot slot);

        /// <summary>Returns the n-th share.</summary>
        DeviceShare At(int n);
    }

    internal readonly record struct TwoShares(DeviceShare S0, DeviceShare S1) : IShares<TwoShares>
    {
        public const int Most = 2;

        public static TwoShares Of(AcceleratorDevice device, AdamSlot slot) =>
            new(DeviceShare.Of(device, slot, 0), DeviceShare.Of(device, slot, 1));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DeviceShare At(int n) => n == 0 ? S0 : S1;
    }

    internal readonly record struct FourShares(DeviceShare S0, DeviceShare S1, DeviceShare S2, DeviceShare S3) : IShares<FourShares>
    {
        public const int Most = 4;

        public static FourShares Of(AcceleratorDevice device, AdamSlot slot) => new(
            DeviceShare.Of(device, slot, 0), DeviceShare.Of(device, slot, 1),
            DeviceShare.Of(device, slot, 2), DeviceShare.Of(device, slot, 3));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DeviceShare At(int n) => n < 2 ? n == 0 ? S0 : S1 : n == 2 ? S2 : S3;
    }

    /// <summary>A parameter on a device, with what its gradient is computed from.</summary>
    internal readonly record struct DeviceSlot<S>(
        ArrayView<float> Value, ArrayView<float> Mean, ArrayView<float> Square, S Shares,
        int FirstGroup, int Fault, GradientKind Kind, int Inputs, int Outputs)
        where S : struct, IShares<S>
    {
        /// <summary>Returns a slot whose groups follow those before it.</summary>
        public static DeviceSlot<S> Of<T>(AcceleratorDevice device, AdamSlot slot, int fault, ref int groups)
            where T : struct, ITile<T>
        {
            var kind = slot.Deferred is not { } gradient ? GradientKind.Tensor
                : gradient.X is null ? GradientKind.RowSum
                : GradientKind.Product;
            int first = groups, outputs = slot.Deferred?.Dy.Shape.Columns ?? 0, inputs = slot.Deferred?.X?.Shape.Columns ?? 1;
            groups += kind == GradientKind.Tensor
                ? (slot.Value.Count + Chunk - 1) / Chunk
                : DeviceGemm.Tiles<T>(inputs) * DeviceGemm.Tiles<T>(outputs);
            return new(
                slot.Value.On(device), slot.Mean.On(device), slot.Square.On(device), S.Of(device, slot),
                first, fault, kind, inputs, outputs);
        }
    }

    /// <summary>Four parameters; the first group of an unused place is past the last one.</summary>
    internal readonly record struct FourSlots<S>(DeviceSlot<S> S0, DeviceSlot<S> S1, DeviceSlot<S> S2, DeviceSlot<S> S3)
        where S : struct, IShares<S>
    {
        public static FourSlots<S> Next<T>(AcceleratorDevice device, ReadOnlySpan<AdamSlot> slots, int next, int firstFault, ref int groups)
            where T : struct, ITile<T>
        {
            return new(
                One(slots, 0, ref groups), One(slots, 1, ref groups), One(slots, 2, ref groups), One(slots, 3, ref groups));

            DeviceSlot<S> One(ReadOnlySpan<AdamSlot> slots, int i, ref int groups)
            {
                if (next + i < slots.Length)
                    return DeviceSlot<S>.Of<T>(device, slots[next + i], firstFault + next + i, ref groups);
                int unused = groups;
                return DeviceSlot<S>.Of<T>(device, slots[^1], 0, ref unused) with { FirstGroup = groups };
            }
        }

        /// <summary>Returns a group's parameter: by branches, because all places at once would be registers.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DeviceSlot<S> Of(int group)
        {
            if (group < S2.FirstGroup)
            {
                if (group < S1.FirstGroup)
                    return S0;
                return S1;
            }
            if (group < S3.FirstGroup)
                return S2;
            return S3;
        }
    }

    internal readonly record struct ArgumentsOfFew(
        FourSlots<TwoShares> Slots, AdamNumbers Numbers, Varying At, ArrayView<float> Faults, int Shares);

    internal readonly record struct ArgumentsOfMany(
        FourSlots<FourShares> Slots0, FourSlots<FourShares> Slots4, FourSlots<FourShares> Slots8, FourSlots<FourShares> Slots12,
        AdamNumbers Numbers, Varying At, ArrayView<float> Faults, int Shares)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DeviceSlot<FourShares> Of(int group)
        {
            if (group < Slots8.S0.FirstGroup)
            {
                if (group < Slots4.S0.FirstGroup)
                    return Slots0.Of(group);
                return Slots4.Of(group);
            }
            if (group < Slots12.S0.FirstGroup)
                return Slots8.Of(group);
            return Slots12.Of(group);
        }
    }

    private static void UpdateFewKernel<T>(ArgumentsOfFew a)
        where T : struct, ITile<T> => Update<T, TwoShares>(a.Slots.Of(Grid.IdxX), a.Numbers.Now(a.At), a.Faults, a.Shares);

    private static void UpdateManyKernel<T>(ArgumentsOfMany a)
        where T : struct, ITile<T> => Update<T, FourShares>(a.Of(Grid.IdxX), a.Numbers.Now(a.At), a.Faults, a.Shares);

    /// <summary>
    /// Updates a group's part of its parameter. All groups meet the same barriers, whatever they have: PoCL 3.1 compiles barriers within
    /// branches to code that overwrites memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update<T, S>(DeviceSlot<S> slot, AdamNumbers numbers, ArrayView<float> faults, int shares)
        where T : struct, ITile<T>
        where S : struct, IShares<S>
    {
        var sharedX = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var sharedDY = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var update = new DeviceAdam(slot.Value, slot.Mean, slot.Square, faults.SubView(slot.Fault, 1), numbers);
        int group = Grid.IdxX - slot.FirstGroup;
        bool isRowSum = slot.Kind == GradientKind.RowSum;
        int tiles = Math.Max(1, (slot.Inputs + T.Side - 1) / T.Side), row = group % tiles * T.Side, column = group / tiles * T.Side;
        var widthOfDY = slot.Outputs % 4 == 0 ? OperandWidth.ByFour : OperandWidth.OneByOne;
        var widthOfX = isRowSum ? OperandWidth.Ones : slot.Inputs % 4 == 0 ? OperandWidth.ByFour : OperandWidth.OneByOne;

        // A weight's next share continues the chains of those before; a bias's is a sum of its own, which is added.
        T sums = default, sum = default;
        for (int n = 0; n < shares; n++)
        {
            var share = slot.Shares.At(n);
            var x = DenseBlocks<T, AlongSide, EachItsOwn>.Of(new(share.X, row, slot.Inputs, widthOfX), share.Rows);
            var dy = DenseBlocks<T, AlongSide, EachItsOwn>.Of(new(share.DY, column, slot.Outputs, widthOfDY), share.Rows);
            sums = DeviceGemm.Sums(sums, x, dy, share.Rows, sharedX, sharedDY);
            if (isRowSum)
            {
                sum = T.Plus(sum, sums);
                sums = default;
            }
            Group.Barrier(); // the last steps of this share before the first of the next
        }
        var first = slot.Shares.At(0);
        if (slot.Kind == GradientKind.Tensor)
        {
            int from = group * Chunk;
            for (int i = from + Group.IdxX; i < from + Chunk && i < slot.Value.Length; i += Group.DimX)
                slot.Value[i] = update.Of(first.X[i], i, 0);
            return;
        }
        var written = new MatMulArguments<DeviceAdam>(first.X, first.DY, slot.Value, update, slot.Inputs, slot.Outputs, 0, widthOfDY);
        T.End<EachItsOwn, DeviceAdam>(written, row, column, isRowSum ? sum : sums);
    }

    /// <summary>Adam as what becomes of a finished gradient: it updates the moments, and returns the parameter's next value.</summary>
    internal readonly record struct DeviceAdam(
        ArrayView<float> Value, ArrayView<float> Mean, ArrayView<float> Square, ArrayView<float> Fault, AdamNumbers Numbers)
        : IDeviceEpilogue
    {
        public static bool Accumulates => false;

        public int RowOf(int row) => row;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float Of(float sum, int at, int column)
        {
            var next = Numbers.Of(new Scalar(Value[at]), new Scalar(sum), new Scalar(Mean[at]), new Scalar(Square[at]));
            Mean[at] = next.Mean.Value;
            Square[at] = next.Square.Value;
            // all threads that find one write the same mark
            if (!AdamNumbers.AllFinite(next.Value, next.Square) && Fault[0] == 0f)
                Fault[0] = Numbers.Mark;
            return next.Value.Value;
        }
    }
}

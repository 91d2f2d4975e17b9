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
    /// <summary>The tiles to choose from; a large one's sums leave no registers for the update.</summary>
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
            rows += slot.Deferred?.Dy.Shape.Rows ?? 0;
            columns += slot.Deferred?.Dy.Shape.Columns ?? 0;
            elements += slot.Value.Count;
        }
        var shape = new KernelShape("update", elements, columns, rows, slots.Length);
        int otherwise = TileChoice.TakesSmallTiles(device) ? Tiles.IndexOf(TileKind.Small) : 0;
        return Tiles[device.HasPicked(shape, Tiles.Length, otherwise, out int picked)
            ? picked
            : Measured(device, shape, slots.ToArray(), numbers)];
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
            WithTile<FineTile>(device, slots, numbers, at, faults);
    }

    private static int Measured(AcceleratorDevice device, KernelShape shape, AdamSlot[] slots, AdamNumbers numbers)
    {
        Tensor[] scratch = [.. slots.SelectMany(slot => Enumerable.Range(0, 3).Select(_ => new Tensor(device, slot.Value.Shape)))];
        for (int i = 0; i < slots.Length; i++)
            slots[i] = slots[i] with { Value = scratch[3 * i], Mean = scratch[(3 * i) + 1], Square = scratch[(3 * i) + 2] };
        using var faults = new Tensor(device, new Shape(slots.Length));
        int picked = device.Pick(
            shape, [0, 1, 2], tile => Launch(device, Tiles[tile], slots, numbers, device.AmongArguments, faults));
        foreach (var tensor in scratch)
            tensor.Dispose();
        return picked;
    }

    /// <summary>Updates with a tile of the caller's choice.</summary>
    internal static void WithTile<T>(AcceleratorDevice device, ReadOnlySpan<AdamSlot> slots, AdamNumbers numbers, Varying at, Tensor faults)
        where T : struct, ITile<T>
    {
        int most = device.MaxArgumentBytes < 4096 ? FewSlots : ManySlots;
        for (int first = 0; first < slots.Length; first += most)
        {
            var those = slots.Slice(first, Math.Min(most, slots.Length - first));
            int groups = 0;
            var s0 = FourSlots.Next<T>(device, those, 0, first, ref groups);
            if (most == FewSlots)
            {
                var few = new ArgumentsOfFew(s0, numbers, at, faults.On(device));
                Launcher.Groups(device, new Index2D(groups, 1), T.Threads, UpdateFewKernel<T>, few);
                continue;
            }
            var s4 = FourSlots.Next<T>(device, those, 4, first, ref groups);
            var s8 = FourSlots.Next<T>(device, those, 8, first, ref groups);
            var s12 = FourSlots.Next<T>(device, those, 12, first, ref groups);
            var many = new ArgumentsOfMany(s0, s4, s8, s12, numbers, at, faults.On(device));
            Launcher.Groups(device, new Index2D(groups, 1), T.Threads, UpdateManyKernel<T>, many);
        }
    }

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

    /// <summary>A parameter on a device, with what its gradient is computed from; where that is a tensor, it is x.</summary>
    internal readonly record struct DeviceSlot(
        ArrayView<float> Value, ArrayView<float> Mean, ArrayView<float> Square,
        ArrayView<float> X, ArrayView<float> DY, ArrayView<float> MoreX, ArrayView<float> MoreDY,
        int FirstGroup, int Fault, GradientKind Kind, int Rows, int MoreRows, int Inputs, int Outputs)
    {
        /// <summary>Returns a slot whose groups follow those before it.</summary>
        public static DeviceSlot Of<T>(AcceleratorDevice device, AdamSlot slot, int fault, ref int groups)
            where T : struct, ITile<T>
        {
            var (value, mean, square) = (slot.Value.On(device), slot.Mean.On(device), slot.Square.On(device));
            int first = groups;
            if (slot.Deferred is not { } gradient)
            {
                groups += (slot.Value.Count + Chunk - 1) / Chunk;
                var tensor = slot.Gradient!.On(device);
                return new(value, mean, square, tensor, tensor, tensor, tensor, first, fault, GradientKind.Tensor, 0, 0, 0, 0);
            }
            var more = gradient.More ?? gradient;
            var (dy, moreDy) = (gradient.Dy.On(device), more.Dy.On(device));
            int rows = gradient.Dy.Shape.Rows, moreRows = gradient.More is null ? 0 : more.Dy.Shape.Rows;
            int outputs = gradient.Dy.Shape.Columns;
            int inputs = gradient.X?.Shape.Columns ?? 1;
            groups += DeviceGemm.Tiles<T>(inputs) * DeviceGemm.Tiles<T>(outputs);
            var kind = gradient.X is null ? GradientKind.RowSum : GradientKind.Product;
            var (x, moreX) = (gradient.X?.On(device) ?? dy, more.X?.On(device) ?? moreDy);
            return new(value, mean, square, x, dy, moreX, moreDy, first, fault, kind, rows, moreRows, inputs, outputs);
        }
    }

    /// <summary>Four parameters; the first group of an unused place is past the last one.</summary>
    internal readonly record struct FourSlots(DeviceSlot S0, DeviceSlot S1, DeviceSlot S2, DeviceSlot S3)
    {
        public static FourSlots Next<T>(AcceleratorDevice device, ReadOnlySpan<AdamSlot> slots, int next, int firstFault, ref int groups)
            where T : struct, ITile<T>
        {
            return new(
                One(slots, 0, ref groups), One(slots, 1, ref groups), One(slots, 2, ref groups), One(slots, 3, ref groups));

            DeviceSlot One(ReadOnlySpan<AdamSlot> slots, int i, ref int groups)
            {
                if (next + i < slots.Length)
                    return DeviceSlot.Of<T>(device, slots[next + i], firstFault + next + i, ref groups);
                int unused = groups;
                return DeviceSlot.Of<T>(device, slots[^1], 0, ref unused) with { FirstGroup = groups };
            }
        }

        /// <summary>Returns a group's parameter: by branches, because all places at once would be registers.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DeviceSlot Of(int group)
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

    internal readonly record struct ArgumentsOfFew(FourSlots Slots, AdamNumbers Numbers, Varying At, ArrayView<float> Faults);

    internal readonly record struct ArgumentsOfMany(
        FourSlots Slots0, FourSlots Slots4, FourSlots Slots8, FourSlots Slots12,
        AdamNumbers Numbers, Varying At, ArrayView<float> Faults)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DeviceSlot Of(int group)
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
        where T : struct, ITile<T> => Update<T>(a.Slots.Of(Grid.IdxX), a.Numbers.Now(a.At), a.Faults);

    private static void UpdateManyKernel<T>(ArgumentsOfMany a)
        where T : struct, ITile<T> => Update<T>(a.Of(Grid.IdxX), a.Numbers.Now(a.At), a.Faults);

    /// <summary>
    /// Updates a group's part of its parameter. All groups meet the same barriers, whatever they have: PoCL 3.1 compiles barriers within
    /// branches to code that overwrites memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update<T>(DeviceSlot slot, AdamNumbers numbers, ArrayView<float> faults)
        where T : struct, ITile<T>
    {
        var sharedX = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var sharedDY = SharedMemory.Allocate<F4>(2 * T.Depth * ((T.Side / 4) + 1));
        var update = new DeviceAdam(slot.Value, slot.Mean, slot.Square, faults.SubView(slot.Fault, 1), numbers);
        int group = Grid.IdxX - slot.FirstGroup;
        bool isRowSum = slot.Kind == GradientKind.RowSum;
        int tiles = Math.Max(1, (slot.Inputs + T.Side - 1) / T.Side), row = group % tiles * T.Side, column = group / tiles * T.Side;
        var widthOfDY = slot.Outputs % 4 == 0 ? OperandWidth.ByFour : OperandWidth.OneByOne;
        var widthOfX = isRowSum ? OperandWidth.Ones : slot.Inputs % 4 == 0 ? OperandWidth.ByFour : OperandWidth.OneByOne;

        // A weight's second share continues the chains of the first; a bias's is a sum of its own, which is added.
        T sums = default, sum = default;
        for (int share = 0; share < 2; share++)
        {
            var x = new GemmOperand(share == 0 ? slot.X : slot.MoreX, row, slot.Inputs, widthOfX);
            var dy = new GemmOperand(share == 0 ? slot.DY : slot.MoreDY, column, slot.Outputs, widthOfDY);
            int rows = share == 0 ? slot.Rows : slot.MoreRows;
            sums = DeviceGemm.Sums<T, AlongSide, AlongSide, EachItsOwn>(sums, x, dy, rows, sharedX, sharedDY);
            if (isRowSum)
            {
                sum = T.Plus(sum, sums);
                sums = default;
            }
            Group.Barrier(); // the last steps of this share before the first of the next
        }
        if (slot.Kind == GradientKind.Tensor)
        {
            int from = group * Chunk;
            for (int i = from + Group.IdxX; i < from + Chunk && i < slot.Value.Length; i += Group.DimX)
                slot.Value[i] = update.Of(slot.X[i], i, 0);
            return;
        }
        var written = new MatMulArguments<DeviceAdam>(slot.X, slot.DY, slot.Value, update, slot.Inputs, slot.Outputs, 0, widthOfDY);
        T.End<EachItsOwn, DeviceAdam>(written, row, column, isRowSum ? sum : sums);
    }

    /// <summary>Adam as what becomes of a finished gradient: it updates the moments, and returns the parameter's next value.</summary>
    internal readonly record struct DeviceAdam(
        ArrayView<float> Value, ArrayView<float> Mean, ArrayView<float> Square, ArrayView<float> Fault, AdamNumbers Numbers)
        : IDeviceEpilogue
    {
        public static bool Accumulates => false;

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

using System.Reflection;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using BatchNorm = GanFromScratch.Kernels.BatchNorm;

namespace GanFromScratch.Tests;

/// <summary>A kernel of the library, closed over types, with the threads of its groups.</summary>
internal sealed record LibraryKernel(MethodInfo Method, int Threads)
{
    /// <summary>Gets the kernel's name with its types', such as MapKernel&lt;LeakyRelu&gt;.</summary>
    public string Title { get; } = KernelName.Of(Method);

    public override string ToString() => Title;
}

/// <summary>Lists the kernels of the library with the formulas that recipes use, and every form of the matrix product.</summary>
internal static class LibraryKernels
{
    private const int Alone = 256; // threads of a group where each has an element
    private static readonly Type[] Layouts = [typeof(AlongDepth), typeof(AlongSide)];
    private static readonly string[] ConvolutionNames = ["ConvolutionKernel", "TransposedConvolutionKernel"];
    private static readonly Type[] Widths = [typeof(ByFour), typeof(OneByOne)];

    /// <summary>Gets the activations of dense layers.</summary>
    public static Type[] Activations { get; } = [typeof(Identity), typeof(LeakyRelu), typeof(Relu), typeof(Sigmoid), typeof(Tanh)];

    /// <summary>Gets the matrix product's tiles.</summary>
    public static Type[] Tiles { get; } = [typeof(LargeTile), typeof(MiddleTile), typeof(SmallTile), Fine, typeof(FineTile<Sixteen>)];

    /// <summary>Gets the tile that a GPU takes for a batch's products, if it measures nothing.</summary>
    private static Type Fine => typeof(FineTile<ThirtyTwo>);

    /// <summary>Gets the matrix products that only store: each tile, each transposed form, each width.</summary>
    public static IEnumerable<LibraryKernel> Products =>
        from tile in Tiles
        from a in Layouts
        from b in Layouts
        from width in Widths
        select Product(tile, a, b, width, typeof(DeviceStore));

    /// <summary>Gets the matrix product's tiles on tensor cores.</summary>
    public static Type[] Tf32Tiles { get; } =
        [typeof(LargeTf32Tile<TensorCores>), typeof(MiddleTf32Tile<TensorCores>), typeof(FineTf32Tile<TensorCores>)];

    /// <summary>Gets the matrix products on tensor cores: each tile, each transposed form, each width; and one of each epilogue.</summary>
    public static IEnumerable<LibraryKernel> Tf32Products => EachForm(Tf32Tiles, Product);

    /// <summary>Gets the matrix product's tiles whose blocks can be copied ahead.</summary>
    public static Type[] AheadTiles { get; } = [typeof(MiddleTile), Fine, typeof(FineTile<Sixteen>)];

    /// <summary>
    /// Gets the matrix products whose blocks are copied ahead: each tile, each transposed form, each width; and one of each epilogue.
    /// </summary>
    public static IEnumerable<LibraryKernel> AheadProducts => EachForm(AheadTiles, Ahead);

    /// <summary>Gets all of them.</summary>
    public static IEnumerable<LibraryKernel> All =>
        [.. Formulas, .. Others, .. Products, .. Epilogues, .. AheadProducts, .. Tf32Products, .. Convolutions];

    /// <summary>Gets those that odog launches on a CUDA device: its first values, a step, and a grid of pictures.</summary>
    public static IEnumerable<LibraryKernel> OfOdog =>
    [
        Of(typeof(RandomNumbers), "RandomKernel", typeof(RandomNumbers.UniformKind)),
        Of(typeof(RandomNumbers), "RandomKernel", typeof(RandomNumbers.NormalKind)),
        .. from width in Widths // D's last layer has one neuron
           let bias = Bias(width == typeof(ByFour) ? typeof(LeakyRelu) : typeof(Identity))
           from product in (LibraryKernel[])
           [
               Product(Fine, typeof(AlongDepth), typeof(AlongSide), width, bias),
               Product(Fine, typeof(AlongDepth), typeof(AlongDepth), width, typeof(DeviceSlope<LeakyRelu>)),
           ]
           select product,
        Normalised(typeof(ByFour)),
        Product(Fine, typeof(AlongDepth), typeof(AlongSide), typeof(ByFour), Bias(typeof(Tanh))),
        Product(Fine, typeof(AlongDepth), typeof(AlongDepth), typeof(ByFour), typeof(DeviceSlope<Tanh>)),
        Product(Fine, typeof(AlongDepth), typeof(AlongDepth), typeof(ByFour), typeof(DeviceStore)),
        Of(typeof(ByteRows), "GatherKernel"),
        Of(typeof(BatchSums), "MeanWithSlopeKernel", typeof(BceWithLogits)),
        Of(typeof(BatchSums), "SeveralSumsKernel", typeof(ReportedFormula)),
        Of(typeof(BatchNorm), "BatchNormForwardKernel"),
        Of(typeof(BatchNorm), "BatchNormBackwardKernel", typeof(LeakyRelu)),
        Of(typeof(AdamStep), "UpdateManyKernel", Fine),
    ];

    private static IEnumerable<LibraryKernel> Formulas =>
    [
        .. from map in Implementing(typeof(IMap))
           from name in (string[])["MapKernel", "MapBackwardKernel", "MapSecondDerivativeKernel", "SumBackwardKernel"]
           select Of(typeof(Elementwise), name, map),
        Of(typeof(Elementwise), "MapKernel", typeof(WeightClipping.Clamp)),
        .. from zip in Implementing(typeof(IZip))
           from name in (string[])["ZipKernel", "ZipRowKernel"]
           select Of(typeof(Elementwise), name, zip),
        .. ((Type[])[typeof(Identity), typeof(Square), typeof(Positive)])
            .Select(map => Of(typeof(Reduce), "SumKernel", map)),
        .. from activation in Activations
           from name in (string[])["BatchNormBackwardKernel", "DifferentiateKernel"]
           select Of(typeof(BatchNorm), name, activation),
        Of(typeof(BatchSums), "MeanWithSlopeKernel", typeof(Bce)),
        Of(typeof(BatchSums), "MeanWithSlopeKernel", typeof(BceWithLogits)),
        Of(typeof(BatchSums), "SeveralSumsKernel", typeof(ReportedFormula)),
        .. Implementing(typeof(RandomNumbers.IKind)).Select(kind => Of(typeof(RandomNumbers), "RandomKernel", kind)),
    ];

    private static IEnumerable<LibraryKernel> Others =>
    [
        Of(typeof(Reduce), "SumRowsKernel"),
        Of(typeof(Reduce), "TotalKernel"),
        Of(typeof(Reduce), "TotalInFloatKernel"),
        Of(typeof(Reduce), "RepeatKernel"),
        Of(typeof(Reduce), "RepeatRowsKernel"),
        Of(typeof(Reduce), "RepeatColumnsKernel"),
        Of(typeof(BatchNorm), "BatchNormForwardKernel"),
        Of(typeof(BatchNorm), "BatchNormInferenceKernel"),
        Of(typeof(BatchNorm), "BlockStatisticsKernel"),
        Of(typeof(BatchNorm), "StatisticsOfBlocksKernel"),
        Of(typeof(BatchNorm), "NormaliseKernel"),
        Of(typeof(BatchNorm), "BlockGradientsKernel"),
        Of(typeof(BatchNorm), "GradientsOfBlocksKernel"),
        Of(typeof(RowBlocks), "BlockSumsKernel"),
        Of(typeof(RowBlocks), "BlockTotalsKernel"),
        .. ((string[])["UpsampleKernel", "SumPoolKernel", "PadKernel", "MoveKernel", "SumPixelsKernel", "RepeatPixelsKernel"])
            .Select(name => Of(typeof(Pixels), name)),
        .. ((string[])["OneHotKernel", "LogSoftmaxKernel", "MarginKernel"]).Select(name => Of(typeof(Classification), name)),
        Of(typeof(MovingAverage), "MovingAveragesKernel"),
        Of(typeof(MultiplyAddPeak), "MultiplyAddKernel"),
        Of(typeof(ByteRows), "GatherKernel"),
        .. ((Type[])[Fine, typeof(MiddleTile)]).Select(tile => Of(typeof(AdamStep), "UpdateManyKernel", tile)),
        Of(typeof(AdamStep), "UpdateFewKernel", typeof(SmallTile)) with { Threads = SmallTile.Threads },
    ];

    /// <summary>Gets the convolutions: each tile, each width, each kind of epilogue; and their kernels' gradients.</summary>
    private static IEnumerable<LibraryKernel> Convolutions =>
    [
        .. from name in (string[])["ConvolutionKernel", "TransposedConvolutionKernel"]
           from tile in (Type[])[typeof(MiddleTile), typeof(SmallTile), Fine]
           from width in Widths
           from epilogue in (Type[])[typeof(DeviceStore), typeof(DeviceSlope<LeakyRelu>), Bias(typeof(LeakyRelu)), Bias(typeof(Tanh))]
           select Convolution(name, tile, width, epilogue),
        .. from tile in (Type[])[typeof(MiddleTile), typeof(SmallTile), Fine]
           from width in Widths
           from epilogue in (Type[])[typeof(DeviceStore), typeof(DeviceAccumulate)]
           let kernel = KernelText.Kernel(typeof(DeviceKernelGradient), "KernelGradientKernel", tile, width, epilogue)
           select new LibraryKernel(kernel, Threads(tile)),
        Of(typeof(DeviceKernelGradient), "AddBlocksKernel"),
    ];

    /// <summary>
    /// Gets each epilogue with the form of product that it is for: in a fine tile, which a GPU takes for a batch's, and one of each kind in
    /// the others.
    /// </summary>
    private static IEnumerable<LibraryKernel> Epilogues =>
    [
        .. from activation in Activations
           from width in Widths
           select Product(Fine, typeof(AlongDepth), typeof(AlongSide), width, Bias(activation)),
        .. from activation in (Type[])[typeof(LeakyRelu), typeof(Tanh)]
           from width in Widths
           let slope = typeof(DeviceSlope<>).MakeGenericType(activation)
           select Product(Fine, typeof(AlongDepth), typeof(AlongDepth), width, slope),
        .. Widths.Select(width => Product(Fine, typeof(AlongSide), typeof(AlongSide), width, typeof(DeviceAccumulate))),
        .. Widths.Select(Normalised),
        .. from tile in (Type[])[typeof(SmallTile), typeof(MiddleTile), typeof(LargeTile)]
           from epilogue in (Type[])[typeof(DeviceAccumulate), typeof(DeviceSlope<Tanh>), typeof(DeviceBias<Tanh>)]
           from width in Widths
           select Product(tile, typeof(AlongDepth), typeof(AlongSide), width, epilogue),
    ];

    private static IEnumerable<LibraryKernel> EachForm(Type[] tiles, Func<Type, Type, Type, Type, Type, LibraryKernel> product) =>
    [
        .. from tile in tiles
           from a in Layouts
           from b in Layouts
           from width in Widths
           select product(tile, a, b, width, typeof(DeviceStore)),
        .. from tile in tiles
           from epilogue in (Type[])[typeof(DeviceAccumulate), typeof(DeviceSlope<Tanh>), typeof(DeviceBias<Tanh>)]
           from width in Widths
           select product(tile, typeof(AlongDepth), typeof(AlongSide), width, epilogue),
    ];

    /// <summary>Finds a kernel of a class by its name; they are private.</summary>
    public static LibraryKernel Of(Type library, string name, params Type[] types) => new(KernelText.Kernel(library, name, types), Alone);

    /// <summary>Finds a form of the matrix product.</summary>
    public static LibraryKernel Product(Type tile, Type a, Type b, Type width, Type epilogue) =>
        new(KernelText.Kernel(typeof(DeviceGemm), "MatMulKernel", tile, a, b, width, epilogue), Threads(tile));

    /// <summary>Finds a tile's convolutions, forward and transposed, that only store, four numbers at a time.</summary>
    public static IEnumerable<LibraryKernel> ConvolutionsByFour(Type tile) =>
        ConvolutionNames.Select(name => Convolution(name, tile, typeof(ByFour), typeof(DeviceStore)));

    private static LibraryKernel Convolution(string name, Type tile, Type width, Type epilogue) =>
        new(KernelText.Kernel(typeof(DeviceConvolution), name, tile, width, epilogue), Threads(tile));

    private static LibraryKernel Ahead(Type tile, Type a, Type b, Type width, Type epilogue) => new(
        KernelText.Kernel(typeof(AheadGemm), "MatMulAheadKernel", typeof(CudaCopies), tile, a, b, width, epilogue), Threads(tile));

    private static int Threads(Type tile) =>
        tile == typeof(SmallTile) || tile == typeof(FineTile<Sixteen>) ? SmallTile.Threads : LargeTile.Threads;

    private static LibraryKernel Normalised(Type width) => Product(
        Fine, typeof(AlongDepth), typeof(AlongSide), width,
        typeof(BatchNorm.DeviceBiasNorm<>).MakeGenericType(typeof(LeakyRelu)));

    private static Type Bias(Type activation) => typeof(DeviceBias<>).MakeGenericType(activation);

    /// <summary>Finds the formulas of ops; what training alone looks at has no derivative, and is named above.</summary>
    private static IEnumerable<Type> Implementing(Type contract) =>
        from type in (Type[])[.. typeof(Elementwise).Assembly.GetTypes(), .. typeof(LeakyRelu).Assembly.GetTypes()]
        where type.IsValueType && !type.IsGenericType && contract.IsAssignableFrom(type)
        orderby type.Name
        select type;
}

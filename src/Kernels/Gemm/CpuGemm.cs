using System.Runtime.Intrinsics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>The product on the processor: picks the vector width and the order of blocks.</summary>
internal static unsafe class CpuGemm
{
    /// <summary>Runs a product whose result is a tensor.</summary>
    public static void Run<E>(CpuDevice device, GemmCall call, E epilogue)
        where E : struct, IEpilogue
    {
        if (Vector512.IsHardwareAccelerated)
            Run<Wide512, Eight, E>(device, call, epilogue);
        else if (Vector256.IsHardwareAccelerated)
            Run<Wide256, Four, E>(device, call, epilogue);
        else
            Run<Wide128, Four, E>(device, call, epilogue);
    }

    /// <summary>Runs xᵀ·dy for an epilogue that consumes its rows.</summary>
    public static void Fuse<E>(CpuDevice device, DeferredGradient gradient, E epilogue)
        where E : struct, IEpilogue
    {
        if (Vector512.IsHardwareAccelerated)
            Fuse<Wide512, Eight, E>(device, gradient, epilogue);
        else if (Vector256.IsHardwareAccelerated)
            Fuse<Wide256, Four, E>(device, gradient, epilogue);
        else
            Fuse<Wide128, Four, E>(device, gradient, epilogue);
    }

    private static void Run<V, H, E>(CpuDevice device, GemmCall call, E epilogue)
        where V : struct, IVector<V>
        where H : struct, IConstant
        where E : struct, IEpilogue
    {
        var (m, n, k) = (call.M, call.N, call.K);
        if (m == 0 || n == 0)
            return;
        var problem = new GemmProblem<V, H>
        {
            A = call.A.Pointer(),
            ARow = call.TransposeA ? 1 : k,
            AStep = call.TransposeA ? m : 1,
            B = call.B.Pointer(),
            BTransposed = call.TransposeB,
            BStride = call.TransposeB ? k : n,
            Y = call.Y.Pointer(),
            YStride = n,
            Accumulate = epilogue.Accumulates,
            Rows = m,
            Columns = n,
            Depth = k,
        };
        if (n == 1 && E.Kind == EpilogueKind.Store)
            problem = problem.ColumnAsRow();
        if (problem.AStep != 1 && problem.Depth <= WeightGradientOrder.MaxSamples)
            WeightGradientOrder.Run(device, problem, default, epilogue);
        else
            BlockPanelOrder.Run(device, problem, epilogue);
    }

    private static void Fuse<V, H, E>(CpuDevice device, DeferredGradient gradient, E epilogue)
        where V : struct, IVector<V>
        where H : struct, IConstant
        where E : struct, IEpilogue
    {
        int inputs = gradient.X!.Shape[1], outputs = gradient.Dy.Shape[1];
        if (inputs > 0 && outputs > 0)
            WeightGradientOrder.Run(device, Share(gradient), gradient.More is { } more ? Share(more) : default, epilogue);

        GemmProblem<V, H> Share(DeferredGradient share) => new()
        {
            A = share.X!.Pointer(),
            ARow = 1,
            AStep = inputs,
            B = share.Dy.Pointer(),
            BStride = outputs,
            YStride = outputs,
            Rows = inputs,
            Columns = outputs,
            Depth = share.Dy.Shape.Rows,
        };
    }
}

using System.Runtime.Intrinsics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>Convolutions on the processor: picks the vector width, and how many columns are multiplied at once.</summary>
internal static unsafe class CpuConvolution
{
    /// <summary>Runs a convolution.</summary>
    public static void Run<E>(CpuDevice device, ConvolutionCall call, E epilogue)
        where E : struct, IColumnEpilogue
    {
        if (Vector512.IsHardwareAccelerated)
            Run<Wide512, Eight, E>(device, call, epilogue);
        else if (Vector256.IsHardwareAccelerated)
            Run<Wide256, Four, E>(device, call, epilogue);
        else
            Run<Wide128, Four, E>(device, call, epilogue);
    }

    /// <summary>Computes a kernel's gradient.</summary>
    public static void KernelGradient(CpuDevice device, in PatchGrid grid, Tensor x, Tensor dy, Tensor dw, bool accumulates)
    {
        if (dw.Count == 0)
            return;
        if (PatchPixelJob.Suits(grid, dw.Shape[3]))
            new PatchPixelJob(grid, x, dy, dw, accumulates).Run(device);
        else if (Vector512.IsHardwareAccelerated)
            KernelGradient<Wide512, Eight>(device, grid, x, dy, dw, accumulates);
        else if (Vector256.IsHardwareAccelerated)
            KernelGradient<Wide256, Four>(device, grid, x, dy, dw, accumulates);
        else
            KernelGradient<Wide128, Four>(device, grid, x, dy, dw, accumulates);
    }

    private static void Run<V, H, E>(CpuDevice device, ConvolutionCall call, E epilogue)
        where V : struct, IVector<V>
        where H : struct, IConstant
        where E : struct, IColumnEpilogue
    {
        if (call.Y.Count == 0)
            return;
        if (ConvolutionCall.IsNarrow(call.Window, call.Transposed, call.Y.Shape))
            new PatchTapJob<V, H, E>(call, epilogue).Run(device);
        else
            new PatchRowJob<V, H, E>(call, epilogue).Run(device);
    }

    private static void KernelGradient<V, H>(CpuDevice device, in PatchGrid grid, Tensor x, Tensor dy, Tensor dw, bool accumulates)
        where V : struct, IVector<V>
        where H : struct, IConstant
    {
        var problem = new GemmProblem<V, H>
        {
            B = dy.Pointer(),
            BStride = dy.Shape[3],
            Y = dw.Pointer(),
            YStride = dw.Shape[3],
            Accumulate = accumulates,
            Rows = grid.Depth,
            Columns = dw.Shape[3],
            Depth = grid.Rows,
        };
        if (problem.Columns == 4 * V.Width) // with more, tiles of eight rows by three vectors are faster: they read a strip once, not twice
            problem = problem.WithBroadPanels();
        foreach (var (panel, panels) in PanelBlocks(problem, Convolution.RowsOfBlock))
        {
            var job = new PatchColumnJob<V, H>
            {
                Grid = grid,
                X = x.Pointer(),
                P = problem,
                Memory = device.Scratch(PatchColumnJob<V, H>.Floats(grid, panels, problem.PanelWidth)),
                Panel = panel,
                Panels = panels,
            };
            int tiles = problem.MinTiles(problem.Depth);
            device.Run(ref job, (problem.Rows + H.Value - 1) / H.Value, (tiles + panels - 1) / panels);
        }
    }

    /// <summary>Divides columns so that the packed panels of a block of k stay in a second-level cache.</summary>
    private static Blocks PanelBlocks<V, H>(in GemmProblem<V, H> problem, int depth)
        where V : struct, IVector<V>
        where H : struct, IConstant =>
        new(problem.Panels, Math.Max(1, Blocking.BlockFloats / Math.Max(1, depth) / problem.PanelWidth));
}

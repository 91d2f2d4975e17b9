using System.Runtime.Intrinsics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>Convolutions on the processor: picks the vector width, and how many columns are multiplied at once.</summary>
internal static unsafe class CpuConvolution
{
    /// <summary>Runs a convolution, grid by grid.</summary>
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
        if (Vector512.IsHardwareAccelerated)
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
        if (ConvolutionCall.IsNarrow(call.Window, call.Transposed, call.Y.Shape))
        {
            if (call.Y.Count > 0)
                new PatchTapJob<V, H, E>(call, epilogue).Run(device);
            return;
        }
        for (int i = 0; i < call.Grids; i++)
        {
            var grid = call.Grid(i);
            var problem = new GemmProblem<V, H>
            {
                B = call.W.Pointer(),
                Y = call.Y.Pointer(),
                YStride = call.Columns,
                Rows = grid.Rows,
                Columns = call.Columns,
                Depth = grid.Depth,
            };
            if (grid.Rows == 0 || call.Columns == 0)
                continue;
            var job = new PatchRowJob<V, H, E>
            {
                Grid = grid,
                X = call.X.Pointer(),
                P = problem,
                Epilogue = epilogue,
                Kind = call.Kind,
            };
            // a share of the panels, then what is each thread's own
            int share = ((grid.Depth * problem.Vectors * V.Width / device.Threads) + 31) & ~15, own = (job.Floats + 15) & ~15;
            job.Packed = device.Scratch(share + own);
            job.Memory = job.Packed + ((nint)share * device.Threads);
            var packing = new PackKernelJob<V, H> { Grid = grid, P = problem, Transposed = call.Transposed, Packed = job.Packed };
            device.Run(ref packing, problem.Panels, 1);
            int bands = job.Bands.Count;
            long work = (long)grid.Rows / bands * grid.Depth * call.Columns;
            device.Run(ref job, bands, (int)(Blocking.MinMultiplyAdds / Math.Max(1, work)) + 1);
        }
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
        if (problem.Rows == 0 || problem.Columns == 0)
            return;
        foreach (var (panel, panels) in PanelBlocks(problem, Convolution.RowsOfBlock))
        {
            var job = new PatchColumnJob<V, H>
            {
                Grid = grid,
                X = x.Pointer(),
                P = problem,
                Memory = device.Scratch(PatchColumnJob<V, H>.Floats(panels, problem.PanelWidth)),
                Panel = panel,
                Panels = panels,
            };
            device.Run(ref job, (problem.Rows + H.Value - 1) / H.Value, (problem.MinTiles(problem.Depth) / panels) + 1);
        }
    }

    /// <summary>Divides columns so that the packed panels of a block of k stay in a second-level cache.</summary>
    private static Blocks PanelBlocks<V, H>(in GemmProblem<V, H> problem, int depth)
        where V : struct, IVector<V>
        where H : struct, IConstant =>
        new(problem.Panels, Math.Max(1, Blocking.BlockFloats / Math.Max(1, depth) / problem.PanelWidth));
}

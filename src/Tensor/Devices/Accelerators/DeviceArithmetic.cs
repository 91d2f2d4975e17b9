using System.Reflection;
using System.Runtime.Intrinsics.X86;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Frontend;
using ILGPU.Frontend.Intrinsic;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace GanFromScratch.Tensors;

/// <summary>
/// Overrides ILGPU's arithmetic so that a device gives the processor's bits: multiply-adds that round once, sums and products that no
/// driver's compiler contracts, correctly rounded division and roots.
/// </summary>
internal static class DeviceArithmetic
{
    private const BasicValueType Float = BasicValueType.Float32;
    private const BindingFlags Own = BindingFlags.Static | BindingFlags.NonPublic;

    static DeviceArithmetic()
    {
        // lanes test for FMA: a kernel is compiled as for a processor with it
        foreach (var set in (Type[])[typeof(Fma), typeof(System.Runtime.Intrinsics.Arm.AdvSimd)])
        {
            var isSupported = set.GetProperty(nameof(Fma.IsSupported))!.GetMethod!;
            RemappedIntrinsics.AddRemapping(isSupported, (ref InvocationContext call) => call.Method = Method(nameof(True)));
        }
        // ILGPU knows none of these, and would call functions that nobody defines
        Replace(typeof(MathF).GetMethod(nameof(MathF.FusedMultiplyAdd))!, nameof(MultiplyAdd));
        Replace(typeof(MathF).GetMethod(nameof(MathF.Round), [typeof(float)])!, nameof(Round));
        Replace(typeof(MathF).GetMethod(nameof(MathF.CopySign))!, nameof(CopySign));
        // ILGPU's barrier for OpenCL orders global memory only, and threads read what others wrote to shared memory
        Replace(typeof(Group).GetMethod(nameof(Group.Barrier), [])!, nameof(Barrier));

        static void Replace(MethodInfo method, string by) =>
            RemappedIntrinsics.AddRemapping(method, (ref InvocationContext call) => call.Method = Method(by));
    }

    /// <summary>Registers the overrides with a context that is being built.</summary>
    /// <param name="builder">The context.</param>
    /// <param name="doubles">Whether the device has doubles, with which OpenCL divides and takes roots. Without them its results agree to
    /// rounding only.</param>
    public static void Register(Context.Builder builder, bool doubles)
    {
        var manager = builder.GetIntrinsicManager();
        foreach (string name in (string[])[nameof(MultiplyAdd), nameof(Round), nameof(CopySign), nameof(Barrier)])
        {
            manager.RegisterMethod(Method(name), Ptx("Ptx" + name));
            manager.RegisterMethod(Method(name), OpenCl("OpenCl" + name));
        }

        // a rounding mode keeps ptxas from contracting a product and a sum
        manager.RegisterBinaryArithmetic(BinaryArithmeticKind.Add, Float, Ptx(nameof(PtxAdd)));
        manager.RegisterBinaryArithmetic(BinaryArithmeticKind.Sub, Float, Ptx(nameof(PtxSubtract)));
        manager.RegisterBinaryArithmetic(BinaryArithmeticKind.Mul, Float, Ptx(nameof(PtxMultiply)));

        // OpenCL allows errors of 2.5 and 3 ulp in division and roots without a compiler option, and ILGPU passes none
        if (!doubles)
            return;
        manager.RegisterBinaryArithmetic(BinaryArithmeticKind.Div, Float, Redirect(nameof(Divide)));
        manager.RegisterUnaryArithmetic(UnaryArithmeticKind.RcpF, Float, Redirect(nameof(Reciprocal)));
        manager.RegisterUnaryArithmetic(UnaryArithmeticKind.SqrtF, Float, Redirect(nameof(Root)));
    }

    private static MethodInfo Method(string name) => typeof(DeviceArithmetic).GetMethod(name, Own)!;

    private static PTXIntrinsic Ptx(string name) => new(Method(name), IntrinsicImplementationMode.GenerateCode);

    private static CLIntrinsic OpenCl(string name) => new(Method(name), IntrinsicImplementationMode.GenerateCode);

    private static CLIntrinsic Redirect(string name) => new(Method(name), IntrinsicImplementationMode.Redirect);

    private static bool True() => true;

    [IntrinsicImplementation]
    private static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    [IntrinsicImplementation]
    private static float Round(float x) => MathF.Round(x);

    [IntrinsicImplementation]
    private static float CopySign(float size, float sign) => MathF.CopySign(size, sign);

    [IntrinsicImplementation]
    private static void Barrier() => Group.Barrier();

    // 53 bits are more than twice 24 and one: rounding twice gives what rounding once does.

    private static float Divide(float a, float b) => (float)((double)a / b);

    private static float Reciprocal(float x) => (float)(1.0 / x);

    private static float Root(float x) => (float)Math.Sqrt(x);

    private static void PtxMultiplyAdd(PTXBackend backend, PTXCodeGenerator generator, Value value) =>
        Ptx(generator, value, "fma.rn.f32", 3);

    private static void PtxRound(PTXBackend backend, PTXCodeGenerator generator, Value value) =>
        Ptx(generator, value, "cvt.rni.f32.f32", 1);

    private static void PtxCopySign(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var (size, sign) = (generator.LoadPrimitive(value[0]), generator.LoadPrimitive(value[1])); // PTX has the sign first
        using var command = generator.BeginCommand("copysign.f32");
        command.AppendArgument(generator.AllocateHardware(value));
        command.AppendArgument(sign);
        command.AppendArgument(size);
    }

    private static void PtxBarrier(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        using var command = generator.BeginCommand("bar.sync");
        command.AppendConstant(0);
    }

    private static void PtxAdd(PTXBackend backend, PTXCodeGenerator generator, Value value) => Ptx(generator, value, "add.rn.f32", 2);

    private static void PtxSubtract(PTXBackend backend, PTXCodeGenerator generator, Value value) => Ptx(generator, value, "sub.rn.f32", 2);

    private static void PtxMultiply(PTXBackend backend, PTXCodeGenerator generator, Value value) => Ptx(generator, value, "mul.rn.f32", 2);

    private static void Ptx(PTXCodeGenerator generator, Value value, string instruction, int operands)
    {
        var result = generator.AllocateHardware(value);
        using var command = generator.BeginCommand(instruction);
        command.AppendArgument(result);
        for (int i = 0; i < operands; i++)
            command.AppendArgument(generator.LoadPrimitive(value[i]));
    }

    private static void OpenClMultiplyAdd(CLBackend backend, CLCodeGenerator generator, Value value) => OpenCl(generator, value, "fma", 3);

    private static void OpenClRound(CLBackend backend, CLCodeGenerator generator, Value value) => OpenCl(generator, value, "rint", 1);

    private static void OpenClCopySign(CLBackend backend, CLCodeGenerator generator, Value value) =>
        OpenCl(generator, value, "copysign", 2);

    private static void OpenClBarrier(CLBackend backend, CLCodeGenerator generator, Value value)
    {
        using var statement = generator.BeginStatement("barrier");
        statement.BeginArguments();
        statement.AppendCommand("CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE");
        statement.EndArguments();
    }

    private static void OpenCl(CLCodeGenerator generator, Value value, string function, int operands)
    {
        using var statement = generator.BeginStatement(generator.Allocate(value));
        statement.AppendCommand(function);
        statement.BeginArguments();
        for (int i = 0; i < operands; i++)
            statement.AppendArgument(generator.Load(value[i]));
        statement.EndArguments();
    }
}

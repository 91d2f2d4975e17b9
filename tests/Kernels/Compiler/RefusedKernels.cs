using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Tests;

/// <summary>What the compiler says of a kernel that it refuses, behind its name and the line that ends with `// here`.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RefusedAttribute(string says) : Attribute
{
    public string Says { get; } = says;

    /// <summary>The method in which it is, if that isn't the kernel itself.</summary>
    public string? Inside { get; init; }

    /// <summary>Whether only OpenCL's side refuses it.</summary>
    public bool OpenClOnly { get; init; }
}

/// <summary>Kernels that use what kernels can't, one thing each.</summary>
internal static unsafe class RefusedKernels
{
    private static readonly float[] Table = [1, 2, 3];
    private static readonly Pair Constant = new(1, 2);
    private static float _changing = 1;

    public interface IShape
    {
        float Area();

        float Twice() => 2 * Area();
    }

    public class Shape
    {
        public float Side;

        public virtual float Area() => Side * Side;
    }

    public readonly record struct Square(float Side) : IShape
    {
        public float Area() => Side * Side;
    }

    public readonly record struct Pair(float A, float B);

    public readonly record struct Holder(float[] Numbers, int Count);

    [InlineArray(4)]
    public struct Four
    {
        public float First;
    }

    [StructLayout(LayoutKind.Explicit)]
    public struct Overlaid
    {
        [FieldOffset(0)]
        public float Number;

        [FieldOffset(0)]
        public int Bits;
    }

    [Refused("'new float[]' allocates; use SharedMemory.Allocate<T>(n) or LocalMemory.Allocate<T>(n)")]
    public static void NewArray(Index1D i, ArrayView<float> y)
    {
        float x = y[i];
        var array = new float[4]; // here
        array[i & 3] = x;
        y[i] = array[0];
    }

    [Refused("'new float[,]' allocates; use SharedMemory.Allocate<T>(n)")]
    public static void NewTable(Index1D i, ArrayView<float> y) =>
        y[i] = (new float[2, 2])[0, 1]; // here

    [Refused("'new Shape' allocates; use a struct")]
    public static void NewClass(Index1D i, ArrayView<float> y)
    {
        y[i] = 1;
        var shape = new Shape { Side = 2 }; // here
        y[i] = shape.Area();
    }

    [Refused("the parameter shape: 'Shape' is a class, which needs a heap; use a struct")]
    public static void VirtualCall(Index1D i, ArrayView<float> y, Shape shape)
    {
        y[i] = shape.Area(); // here
    }

    [Refused("the parameter shape: 'IShape' is an interface, whose methods are known when the kernel runs; make it a generic type parameter")]
    public static void InterfaceCall(Index1D i, ArrayView<float> y, IShape shape)
    {
        y[i] = shape.Area(); // here
    }

    [Refused("'Square' is boxed, which allocates; keep it a struct, and call its methods through a generic type parameter")]
    public static void Boxing(Index1D i, ArrayView<float> y)
    {
        IShape shape = new Square(y[i]); // here
        y[i] = shape.Area();
    }

    [Refused("IShape.Twice is an interface's own method, which takes a boxed struct; write it in the struct", Inside = "Doubled<Square>")]
    public static void DefaultMethod(Index1D i, ArrayView<float> y) => y[i] = Doubled(new Square(y[i]));

    [Refused("text in a string; kernels have numbers only")]
    public static void Text(Index1D i, ArrayView<float> y) =>
        y[i] = "kernel".Length; // here

    [Refused("'throw': a kernel has nobody to catch it; check the arguments before the launch")]
    public static void Throws(Index1D i, ArrayView<float> y)
    {
        if (i > 5)
            throw new ArgumentOutOfRangeException(); // here
        y[i] = 1;
    }

    [Refused("try and using handle exceptions, which kernels can't; leave them to the caller")]
    public static void TryFinally(Index1D i, ArrayView<float> y)
    {
        float x = y[i];
        try
        {
            y[i] = 2 * x; // here
        }
        finally
        {
            y[i] += 1;
        }
    }

    [Refused("Factorial calls itself, and kernels have no stack; use a loop", Inside = "Factorial")]
    public static void Recursion(Index1D i, ArrayView<int> y) => y[i] = Factorial(i);

    [Refused("'stackalloc' takes a stack, which kernels don't have; use LocalMemory.Allocate<T>(n)")]
    public static void StackAlloc(Index1D i, ArrayView<float> y)
    {
        Span<float> numbers = stackalloc float[4]; // here
        y[i] = numbers[i & 3];
    }

    [Refused("'stackalloc' takes a stack, which kernels don't have; use LocalMemory.Allocate<T>(n)")]
    public static void StackAllocOfPointer(Index1D i, ArrayView<float> y)
    {
        float* numbers = stackalloc float[4]; // here
        y[i] = numbers[i & 3];
    }

    [Refused("the parameter x: 'float[]' is an array, which lies in a heap; use ArrayView<T>")]
    public static void ArrayParameter(Index1D i, float[] x, ArrayView<float> y)
    {
        y[i] = x[i]; // here
    }

    [Refused("the static field Table is no number; pass it as an argument")]
    public static void StaticArray(Index1D i, ArrayView<float> y) =>
        y[i] = Table[i]; // here

    [Refused("a table in the program's file; upload it, and pass a view of it")]
    public static void SpanOfConstants(Index1D i, ArrayView<float> y)
    {
        ReadOnlySpan<float> table = [1f, 2f, 3f, 4f]; // here
        y[i] = table[i & 3];
    }

    [Refused("a delegate or lambda; use a struct with a method, as a generic type parameter")]
    public static void Lambda(Index1D i, ArrayView<float> y)
    {
        Func<float, float> twice = x => 2 * x; // here
        y[i] = twice(y[i]);
    }

    [Refused("a delegate or lambda; use a struct with a method, as a generic type parameter")]
    public static void MethodGroup(Index1D i, ArrayView<float> y)
    {
        y[i] = 1;
        Func<float, float> root = MathF.Sqrt; // here
        y[i] = root(y[i]);
    }

    [Refused("the parameter f: 'Func<float, float>' is a delegate or lambda; use a struct with a method")]
    public static void DelegateParameter(Index1D i, ArrayView<float> y, Func<float, float> f)
    {
        y[i] = f(y[i]); // here
    }

    [Refused("a number becomes a double, which has no registers here; use float")]
    public static void Doubles(Index1D i, ArrayView<float> y)
    {
        float x = y[i];
        double sum = x * 0.5; // here
        y[i] = (float)sum;
    }

    [Refused("a double constant; write it as a float: 0.5f")]
    public static void DoubleConstant(Index1D i, ArrayView<int> y)
    {
        double sum = 0.5; // here
        for (int k = 0; k < i; k++)
            sum += sum;
        y[i] = (int)sum;
    }

    [Refused("the parameter a: 'double' has no registers here; use float")]
    public static void DoubleParameter(Index1D i, ArrayView<float> y, double a)
    {
        y[i] = (float)a; // here
    }

    [Refused("'decimal' has no registers here; use float", Inside = "op_Implicit")]
    public static void Decimals(Index1D i, ArrayView<int> y)
    {
        decimal sum = y[i]; // here
        y[i] = (int)(sum + sum);
    }

    [Refused("the parameter x: 'float*' is a bare pointer; use ArrayView<T>")]
    public static void Pointer(Index1D i, float* x, ArrayView<float> y)
    {
        y[i] = x[i]; // here
    }

    [Refused("checked arithmetic throws when it overflows; use unchecked")]
    public static void CheckedSum(Index1D i, ArrayView<int> y) =>
        y[i] = checked(y[i] + 1); // here

    [Refused("a checked conversion throws when it overflows; use an unchecked one")]
    public static void CheckedConversion(Index1D i, ArrayView<long> y, ArrayView<int> z) =>
        z[i] = checked((int)y[i]); // here

    [Refused("the static field _changing may change; pass its value as an argument")]
    public static void StaticRead(Index1D i, ArrayView<float> y) =>
        y[i] = _changing; // here

    [Refused("the static field _changing is changed; write into a view")]
    public static void StaticWrite(Index1D i, ArrayView<float> y) =>
        _changing = y[i]; // here

    [Refused("the static field Constant is no number; pass it as an argument")]
    public static void StaticStruct(Index1D i, ArrayView<float> y)
    {
        var constant = Constant; // here
        y[i] = constant.A + constant.B;
    }

    [Refused("the static field Constant is referred to; pass its value as an argument")]
    public static void StaticReference(Index1D i, ArrayView<float> y) =>
        y[i] = Constant.A; // here

    [Refused("the parameter holder: 'float[]' is an array, which lies in a heap")]
    public static void ArrayInStruct(Index1D i, ArrayView<float> y, Holder holder)
    {
        y[i] = holder.Count; // here
    }

    [Refused("the parameter y: 'ArrayView<byte>' has no such elements; use float, int, uint, long, ulong or Float4")]
    public static void ViewOfBytes(Index1D i, ArrayView<byte> y)
    {
        y[i] = 1; // here
    }

    [Refused("the parameter y: 'ArrayView<bool>' has no such elements")]
    public static void ViewOfTruths(Index1D i, ArrayView<bool> y)
    {
        y[i] = true; // here
    }

    [Refused("the parameter y: 'ArrayView<double>' has no such elements")]
    public static void ViewOfDoubles(Index1D i, ArrayView<double> y)
    {
        y[i] = 1; // here
    }

    [Refused("'ArrayView<Pair>' has no such elements")]
    public static void CastToStructs(Index1D i, ArrayView<float> y)
    {
        float x = y[i];
        y[i] = y.Cast<Pair>()[i].B + x; // here
    }

    [Refused("'ArrayView<short>' has no such elements")]
    public static void SharedShorts(ArrayView<int> y)
    {
        var shared = SharedMemory.Allocate<short>(4); // here
        y[0] = shared[0];
    }

    [Refused("SharedMemory.Allocate: the number of elements isn't a positive constant; make it a const, or a type parameter's")]
    public static void SharedOfAnySize(ArrayView<float> y)
    {
        var shared = SharedMemory.Allocate<float>(y.IntLength); // here
        y[0] = shared[0];
    }

    [Refused("LocalMemory.Allocate: the number of elements isn't a positive constant")]
    public static void LocalOfAnySize(Index1D i, ArrayView<float> y)
    {
        var local = LocalMemory.Allocate<float>(i & 3); // here
        y[i] = local[0];
    }

    [Refused("LocalMemory.Allocate: the number of elements isn't a positive constant")]
    public static void LocalOfNothing(Index1D i, ArrayView<float> y)
    {
        var local = LocalMemory.Allocate<float>(0); // here
        y[i] = local.Length;
    }

    [Refused("local memory of Float4; allocate four times as many floats")]
    public static void LocalVectors(Index1D i, ArrayView<float> y)
    {
        var local = LocalMemory.Allocate<Float4>(4); // here
        y[i] = local[0].X;
    }

    [Refused("element 4 of a local memory of 4")]
    public static void LocalBehindItsEnd(Index1D i, ArrayView<float> y)
    {
        var local = LocalMemory.Allocate<float>(4);
        for (int k = 0; k <= 4; k++)
            local[k] = 1; // here
        y[i] = local[0];
    }

    [Refused("local memory is cast to another type; it is made of registers, so use it as what it is")]
    public static void LocalCast(Index1D i, ArrayView<int> y)
    {
        var local = LocalMemory.Allocate<float>(4);
        y[i] = local.Cast<int>()[0]; // here
    }

    [Refused("Atomic.Add of a local variable, which no other thread sees; use an element of a view")]
    public static void AtomicOfLocal(Index1D i, ArrayView<int> y)
    {
        int sum = 0;
        Atomic.Add(ref sum, 1); // here
        y[i] = sum;
    }

    [Refused("Atomic.Max of local memory, which no other thread sees")]
    public static void AtomicOfLocalMemory(Index1D i, ArrayView<int> y)
    {
        var local = LocalMemory.Allocate<int>(4);
        y[i] = Atomic.Max(ref local[0], 1); // here
    }

    [Refused("Atomic.Add of local memory, which no other thread sees")]
    public static void AtomicOfEitherLocalMemory(Index1D i, ArrayView<int> y)
    {
        var some = LocalMemory.Allocate<int>(4);
        var others = LocalMemory.Allocate<int>(4);
        var either = y[i] > 0 ? some : others;
        y[i] = Atomic.Add(ref either[0], 5); // here
    }

    [Refused("Interlocked.Add is another library's atomic; use Atomic.Add")]
    public static void OtherAtomics(Index1D i, ArrayView<int> y) =>
        Interlocked.Add(ref y[0], i); // here

    [Refused("a kernel is a static method that returns nothing, no lambda and no instance's; its results go into views")]
    public static int Returns(Index1D i, ArrayView<int> y)
    {
        return y[i]; // here
    }

    [Refused("a generic kernel without its types; name them: Kernel<Identity>")]
    public static void Open<F>(Index1D i, ArrayView<float> y)
        where F : struct, IMap
    {
        y[i] = default(F).Forward(new Scalar(y[i])).Value; // here
    }

    [Refused("a goto leads into the middle of a loop; write the loop with for or while")]
    public static void GotoIntoLoop(Index1D i, ArrayView<int> y)
    {
        int k = 0;
        if (i > 3)
            goto Middle;
    Top:
        k++; // here
    Middle:
        y[k] = k;
        if (k < y.Length)
            goto Top;
    }

    [Refused("it never returns; a kernel's loops have to end")]
    public static void Endless(Index1D i, ArrayView<int> y)
    {
        while (true)
            y[i]++; // here
    }

    [Refused("OpenCL 1.2 has no warps; exchange values through SharedMemory and Group.Barrier()", OpenClOnly = true)]
    public static void Shuffle(ArrayView<float> y)
    {
        float x = y[Group.IdxX];
        x += Warp.ShuffleXor(x, 1); // here
        y[Group.IdxX] = x;
    }

    [Refused("'Four' is an inline array, and registers can't be indexed; use LocalMemory.Allocate<T>(n)")]
    public static void InlineArray(Index1D i, ArrayView<float> y)
    {
        float x = y[i];
        var four = default(Four); // here
        four[i & 3] = x;
        y[i] = four[0];
    }

    [Refused("the parameter four: 'Four' is an inline array")]
    public static void InlineArrayParameter(Index1D i, ArrayView<float> y, Four four)
    {
        y[i] = four[1]; // here
    }

    [Refused("'Overlaid' lays its fields over each other; use BitConverter to see a number's bits")]
    public static void Union(Index1D i, ArrayView<float> x, ArrayView<int> y)
    {
        y[i] = 1;
        Overlaid both = default; // here
        both.Number = x[i];
        y[i] = both.Bits;
    }

    [Refused("the parameter pair: the runtime may reorder the fields of 'ValueTuple<byte, int>'; use a struct of your own as an argument")]
    public static void TupleParameter(Index1D i, ArrayView<int> y, (byte A, int B) pair)
    {
        y[i] = pair.A + pair.B; // here
    }

    [Refused("default(ArrayView<T>) points nowhere; begin with a view of the arguments")]
    public static void NoView(Index1D i, ArrayView<float> y)
    {
        float x = y[i];
        ArrayView<float> view = default; // here
        if (i > 3)
            view = y;
        view[i] = x;
    }

    [Refused("a view is made of a bare address; take a SubView of one that is there")]
    public static void MadeView(Index1D i, ArrayView<float> y) =>
        y[i] = new ArrayView<float>(0, 4)[i]; // here

    [Refused("which variable is referred to depends on a condition; assign values, not references")]
    public static void ConditionalReference(Index1D i, ArrayView<float> y)
    {
        float a = 1, b = 2;
        ref float either = ref (y[i] > 0 ? ref a : ref b);
        either = 3; // here
        y[i] = a + b;
    }

    [Refused("a reference is given another variable; use a new reference for it")]
    public static void MovingReference(Index1D i, ArrayView<float> y)
    {
        float a = 1, b = 2;
        ref float either = ref a;
        either = y[i];
        if (y[i] > 0)
            either = ref b; // here
        either = 3;
        y[i] = a + b;
    }

    [Refused("a reference to a variable is given an element of a view; use a new reference for it")]
    public static void ReferenceFromVariableToElement(Index1D i, ArrayView<float> y)
    {
        float a = y[i];
        ref float either = ref a;
        if (a > 2)
            either = ref y[0]; // here
        either += 1;
        either *= a;
        y[i] = a;
    }

    [Refused("a reference is given another variable; use a new reference for it")]
    public static void ReferenceFromElementToVariable(Index1D i, ArrayView<float> y)
    {
        float a = y[i];
        scoped ref float either = ref y[0];
        if (a > 2)
            either = ref a; // here
        either += 1;
        either *= a;
        y[i] = a;
    }

    [Refused("a view may be global.float* or shared.float* here; use one variable for each memory")]
    public static void ViewOfTwoMemories(ArrayView<float> y)
    {
        var view = y;
        var shared = SharedMemory.Allocate<float>(4);
        if (Group.IdxX > 3)
            view = shared;
        view[0] = 1; // here
    }

    [Refused("the remainder of floats, which no device has; use x - y * MathF.Floor(x / y)")]
    public static void FloatRemainder(Index1D i, ArrayView<float> y) =>
        y[i] = y[i] % 3f; // here

    [Refused("MathF.Exp is no C#, so no device has it; use XMath")]
    public static void LibraryExp(Index1D i, ArrayView<float> y) =>
        y[i] = MathF.Exp(y[i]); // here

    [Refused("a type is looked at otherwise than by typeof(A) == typeof(B)")]
    public static void TypeName(Index1D i, ArrayView<int> y) =>
        y[i] = typeof(Pair).IsValueType ? 1 : 0; // here

    private static float Doubled<S>(S shape)
        where S : struct, IShape => shape.Twice();

    private static int Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);
}

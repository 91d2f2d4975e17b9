namespace GanFromScratch.Kernels;

/// <summary>A number as a type, so that the JIT sees a constant.</summary>
internal interface IConstant
{
    static abstract int Value { get; }
}

internal readonly struct One : IConstant
{
    public static int Value => 1;
}

internal readonly struct Two : IConstant
{
    public static int Value => 2;
}

internal readonly struct Three : IConstant
{
    public static int Value => 3;
}

internal readonly struct Four : IConstant
{
    public static int Value => 4;
}

internal readonly struct Six : IConstant
{
    public static int Value => 6;
}

internal readonly struct Eight : IConstant
{
    public static int Value => 8;
}

internal readonly struct Sixteen : IConstant
{
    public static int Value => 16;
}

internal readonly struct ThirtyTwo : IConstant
{
    public static int Value => 32;
}

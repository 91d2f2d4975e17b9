using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>An arrow that points up is found in each disguise, on the line that says so, and nothing else is.</summary>
[Quick]
public class ArrowsTests
{
    private const string Top = """
        namespace Planted.Top;
        [System.AttributeUsage(System.AttributeTargets.All)]
        public class MarkAttribute : System.Attribute;
        public class Trainer
        {
            public const int Width = 3;
            public static int Count() => 3;
            public void Run() { }
        }
        public interface IStep;
        public readonly struct Rate { public static implicit operator Rate(int x) => default; }
        public static class Extensions
        {
            public static int Twice(this int x) => 2 * x;
            public static System.Collections.Generic.IEnumerator<int> GetEnumerator(this int x) { yield return x; }
            public static void Deconstruct(this int x, out int tens, out int ones) => (tens, ones) = (x / 10, x % 10);
            extension(string text) { public int Words => text.Split(' ').Length; }
        }
        """;

    /// <summary>What every folder is handed by global usings, from the project's own folder, which stands above all.</summary>
    private const string Shared = """
        global using Hidden = Planted.Top.Trainer;
        global using Made = Planted.Made;
        global using static Planted.Shared;
        namespace Planted;
        public static class Shared { public static int Imported() => 3; }
        public static class Made
        {
            public static Planted.Top.Rate Rate() => default;
            public static int Take(Planted.Top.Rate rate) => 3;
        }
        """;

    [TestCase("int x = Trainer.Count();", TestName = "a using and a call")]
    [TestCase("int x = T.Count();", TestName = "an alias")]
    [TestCase("int x = Hidden.Count();", TestName = "a global using's alias")]
    [TestCase("int x = Imported();", TestName = "a global using static")]
    [TestCase("int x = global::Planted.Top.Trainer.Count();", TestName = "a name in full")]
    [TestCase("int F(int x) => x.Twice();", TestName = "an extension method")]
    [TestCase("int F(string x) => x.Words;", TestName = "an extension property")]
    [TestCase("const int X = Trainer.Width;", TestName = "an inlined constant")]
    [TestCase("string x = nameof(Trainer.Run);", TestName = "nameof")]
    [TestCase("[Mark] int x;", TestName = "an attribute")]
    [TestCase("class B : Trainer;", TestName = "a base class")]
    [TestCase("class B<T> where T : IStep;", TestName = "a constraint")]
    [TestCase("System.Collections.Generic.List<Trainer>? x;", TestName = "a generic argument")]
    [TestCase("object x = new Trainer[3];", TestName = "an array's elements")]
    [TestCase("void F() { var x = Made.Rate(); }", TestName = "an inferred type")]
    [TestCase("int x = Made.Take(3);", TestName = "an implicit conversion")]
    [TestCase("void F() { foreach (int i in 3) { } }", TestName = "a loop's enumerator")]
    [TestCase("void F() { var (x, y) = 12; }", TestName = "a deconstruction")]
    public void AnArrowUpIsFound(string member) => Find($$"""
        using Planted.Top; // up
        using T = Planted.Top.Trainer; // up
        namespace Planted.Bottom;
        class A
        {
            int ordinary = "text".Length;
            {{member}} // up
        }
        """);

    /// <summary>The type is known to the compiler alone: the line names neither it nor its folder.</summary>
    [Test]
    public void ATypeThatNobodyNamesIsFound() =>
        Find("namespace Planted.Bottom;\nclass A\n{\n    object F(object x) => x;\n    object G() => F(\n        Made.Rate()); // up\n}");

    [Test]
    public void ADocCommentMayPointUp() =>
        Find("namespace Planted.Bottom;\n/// <summary>Not <see cref=\"Planted.Top.Trainer\"/></summary>\nclass A;");

    [Test]
    public void ArrowsDownAreRight() =>
        Assert.That(
            Wrong(
                ("Top/Uses.cs", "using Planted.Bottom; namespace Planted.Top; class B : A;"),
                ("Bottom/A.cs", "namespace Planted.Bottom; public class A;")),
            Is.Empty);

    /// <summary>In a cycle at least one arrow doesn't point down; on a shared floor none may point at all.</summary>
    [Test]
    public void ACycleIsFound()
    {
        const string Left = "namespace Planted.Left;\npublic class A\n{\npublic Planted.Right.B? Other; // up\n}";
        const string Right = "namespace Planted.Right;\npublic class B\n{\npublic Planted.Left.A? Other; // up\n}";
        string[] up = [.. Marked("Left/A.cs", Left), .. Marked("Right/B.cs", Right)];
        Assert.That(Wrong(("Left/A.cs", Left), ("Right/B.cs", Right)), Is.EqualTo(up));
    }

    /// <summary>A class in two folders is a cycle of its own.</summary>
    [Test]
    public void APartialClassStaysInAFolder()
    {
        const string Part = "namespace Planted;\npartial class A; // up";
        string[] up = [.. Marked("Left/A.cs", Part), .. Marked("Right/B.cs", Part)];
        Assert.That(Wrong(("Left/A.cs", Part), ("Right/B.cs", Part)), Is.EqualTo(up));
    }

    [Test]
    public void WhatDoesNotCompileIsRefused() =>
        Assert.That(
            () => Arrows.Compile("Planted", [("A.cs", "class A : Nowhere;")]),
            Throws.InvalidOperationException.With.Message.Contains("Nowhere"));

    /// <summary>Each line of the bottom's source that ends in "// up" is reported, and no other.</summary>
    private static void Find(string bottom)
    {
        string[] wrong = Wrong(("Shared.cs", Shared), ("Top/Trainer.cs", Top), ("Bottom/A.cs", bottom));
        Assert.That(wrong, Is.EqualTo(Marked("Bottom/A.cs", bottom)));
    }

    private static string[] Wrong(params (string Path, string Text)[] sources)
    {
        var arrows = Arrows.Read(Arrows.Compile("Planted", sources));
        var wrong = Arrows.Wrong(arrows, [".", "Top", "Left, Right", "Bottom"]);
        return [.. wrong.Select(arrow => $"{arrow.File}:{arrow.Line}").Distinct()];
    }

    private static IEnumerable<string> Marked(string file, string text) =>
        from line in text.Split('\n').Index()
        where line.Item.EndsWith("// up", StringComparison.Ordinal)
        select $"{file}:{line.Index + 1}";
}

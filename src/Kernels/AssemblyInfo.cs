// Scratch memory on the stack is written before it is read; clearing it first would cost more than some kernels.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
